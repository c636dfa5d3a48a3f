// Answers questions on standard input: the CPU seconds of planning each operation, null for what is refused.
import { createInterface } from "node:readline";

const WARM_UP = 20;
const REPEATS = 5;
const BATCH = 5;

export async function measure(build) {
  let sdl, plan;
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    let least = null;
    try {
      if (question.supergraph !== sdl) {
        sdl = question.supergraph;
        plan = build(sdl);
      }
      const run = plan(question.operation);
      for (let i = 0; i < WARM_UP; i++) run();
      for (let i = 0; i < REPEATS; i++) {
        const before = process.cpuUsage();
        for (let j = 0; j < BATCH; j++) run();
        const { user, system } = process.cpuUsage(before);
        least = Math.min(least ?? Infinity, (user + system) / 1e6 / BATCH);
      }
    } catch {
      least = null;
    }
    console.log(JSON.stringify(least));
  }
}
