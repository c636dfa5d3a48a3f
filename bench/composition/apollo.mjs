// Composes the subgraphs on standard input with @apollo/composition; prints what it cost as JSON.
import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

const subgraphs = JSON.parse(readFileSync(0, "utf8"));
const before = process.cpuUsage();
const { errors, supergraphSdl } = composeServices(
  Object.entries(subgraphs).map(([name, sdl]) => ({ name, typeDefs: parse(sdl) })),
);
const { user, system } = process.cpuUsage(before);
const whole = process.cpuUsage();
console.log(
  JSON.stringify({
    composing_s: (user + system) / 1e6,
    process_s: (whole.user + whole.system) / 1e6,
    errors: (errors ?? []).length,
    bytes: (supergraphSdl ?? "").length,
  }),
);
