// Fetches and stages of a plan in Apollo's form: what it asks, and how much of it runs one after the other.
const sum = (one, other) => one + other;
const longest = (one, other) => Math.max(one, other);

export function measurePlan({ node }) {
  return { fetches: count(node, sum, sum), stages: count(node, sum, longest) };
}

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
