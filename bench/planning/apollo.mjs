// Plans with @apollo/query-planner.
import { QueryPlanner } from "@apollo/query-planner";
import { Supergraph, operationFromDocument } from "@apollo/federation-internals";
import { parse } from "graphql";
import { measure } from "./measure.mjs";

await measure((sdl) => {
  const supergraph = Supergraph.build(sdl, { supportedFeatures: null });
  const planner = new QueryPlanner(supergraph);
  return (text) => {
    const document = parse(text);
    return () => planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), document));
  };
});
