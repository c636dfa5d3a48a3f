// Loads supergraphs in the readers that others run: a JSON string of SDL a line, what each reader says a line.
import { createInterface } from "node:readline";
import { Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@graphql-hive/router-query-planner";

function attempt(load) {
  try {
    load();
    return null;
  } catch (error) {
    return String(error.message);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const sdl = JSON.parse(line);
  console.log(
    JSON.stringify({
      // Every feature is taken as supported: the gateway's list is Apollo Router's without the security features.
      apollo: attempt(() => Supergraph.build(sdl, { supportedFeatures: null })),
      hive: attempt(() => new QueryPlanner(sdl).consumerSchema),
    }),
  );
}
