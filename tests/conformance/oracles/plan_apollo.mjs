// Plans operations with Apollo's planner: {"sdl", "query"} a line; fetches and stages of its plan a line, or an error.
import { createInterface } from "node:readline";
import { Supergraph, operationFromDocument } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";
import { measurePlan } from "./count.mjs";

let sdl, supergraph, planner;

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  try {
    if (question.sdl !== sdl) {
      sdl = question.sdl;
      supergraph = Supergraph.build(sdl, { supportedFeatures: null });
      planner = new QueryPlanner(supergraph);
    }
    const operation = operationFromDocument(supergraph.apiSchema(), parse(question.query));
    console.log(JSON.stringify(measurePlan(planner.buildQueryPlan(operation))));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.message) }));
  }
}
