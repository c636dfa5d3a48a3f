import { defineConfig } from 'vite';

// The router serves index.html at its GraphQL path and the rest below it. A browser resolves
// `graphql/assets/…` against the *directory* of that path, so the page works wherever the
// endpoint is mounted as long as its last segment is `graphql`.
const ENDPOINT_SEGMENT = 'graphql';

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  build: {
    // Monaco is large by nature; the warning would be noise on every `make up`.
    chunkSizeWarningLimit: 8192,
    target: 'es2022',
  },
  worker: { format: 'es' },
  experimental: {
    renderBuiltUrl: (file, { hostType }) =>
      hostType === 'html' ? `${ENDPOINT_SEGMENT}/${file}` : { relative: true },
  },
});
