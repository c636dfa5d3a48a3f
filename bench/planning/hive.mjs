// Plans with Hive's planner; it takes text, so its time has parsing in it.
import { QueryPlanner } from "@graphql-hive/router-query-planner";
import { measure } from "./measure.mjs";

await measure((sdl) => {
  const planner = new QueryPlanner(sdl);
  return (text) => () => planner.plan(text, null, new Set(), 100);
});
