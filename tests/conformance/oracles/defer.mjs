// Plans operations that defer with @apollo/query-planner: {sdl, query} a line; the number of fetches and the deferred parts a line.
import { createInterface } from "node:readline";
import { QueryPlanner } from "@apollo/query-planner";
import { Supergraph, operationFromDocument } from "@apollo/federation-internals";
import { parse } from "graphql";

const planners = new Map();

function findPlanner(sdl) {
  if (!planners.has(sdl)) {
    const supergraph = Supergraph.build(sdl, { supportedFeatures: null });
    const planner = new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer: true } });
    planners.set(sdl, { supergraph, planner });
  }
  return planners.get(sdl);
}

function read(node, found) {
  switch (node?.kind) {
    case "Fetch":
      found.fetches += 1;
      break;
    case "Flatten":
      read(node.node, found);
      break;
    case "Sequence":
    case "Parallel":
      node.nodes.forEach((each) => read(each, found));
      break;
    case "Condition":
      read(node.ifClause, found);
      read(node.elseClause, found);
      break;
    case "Defer":
      read(node.primary.node, found);
      for (const part of node.deferred) {
        const selection = part.subselection ?? (part.node?.kind === "Defer" ? part.node.primary.subselection : null);
        found.parts.push({ label: part.label ?? null, path: part.queryPath, subselection: selection ?? null });
        read(part.node, found);
      }
  }
  return found;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { sdl, query } = JSON.parse(line);
  let answer;
  try {
    const { supergraph, planner } = findPlanner(sdl);
    const plan = planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(query)));
    answer = read(plan.node, { fetches: 0, parts: [] });
  } catch (error) {
    answer = { error: String(error).slice(0, 200) };
  }
  console.log(JSON.stringify(answer));
}
