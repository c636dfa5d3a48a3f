// Plans operations with Hive's planner: {"sdl", "query"} a line; fetches and stages of its plan a line, or an error.
import { createInterface } from "node:readline";
import { QueryPlanner } from "@graphql-hive/router-query-planner";
import { measurePlan } from "./count.mjs";

// Percentage overrides are off at 100: the share of requests that they are on for is counted from 0.
const PERCENTAGE = 100;
let sdl, planner;

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  try {
    if (question.sdl !== sdl) {
      sdl = question.sdl;
      planner = new QueryPlanner(sdl);
    }
    console.log(JSON.stringify(measurePlan(planner.plan(question.query, null, new Set(), PERCENTAGE))));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.message) }));
  }
}
