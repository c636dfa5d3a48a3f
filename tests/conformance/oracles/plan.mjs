// Plans operations with Hive's planner: {"sdl", "query"} a line; fetches and stages of its plan a line, or an error.
import { createInterface } from "node:readline";
import { QueryPlanner } from "@graphql-hive/router-query-planner";

// Percentage overrides are off at 100: the share of requests that they are on for is counted from 0.
const PERCENTAGE = 100;
let sdl, planner;

function count(node, inSequence, inParallel) {
  if (!node) return 0;
  const all = (nodes, fold) => nodes.map((inner) => count(inner, inSequence, inParallel)).reduce(fold, 0);
  switch (node.kind) {
    case "Fetch":
    case "BatchFetch":
      return 1;
    case "Flatten":
      return count(node.node, inSequence, inParallel);
    case "Sequence":
      return all(node.nodes, inSequence);
    case "Parallel":
      return all(node.nodes, inParallel);
    case "Condition":
      return all([node.ifClause, node.elseClause], inParallel);
    default:
      throw new Error(`a plan with ${node.kind}`);
  }
}

const sum = (one, other) => one + other;
const longest = (one, other) => Math.max(one, other);

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  try {
    if (question.sdl !== sdl) {
      sdl = question.sdl;
      planner = new QueryPlanner(sdl);
    }
    const { node } = planner.plan(question.query, null, new Set(), PERCENTAGE);
    console.log(JSON.stringify({ fetches: count(node, sum, sum), stages: count(node, sum, longest) }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.message) }));
  }
}
