// One config for the build, the dev server and the tests.
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a running server. */
const server = process.env['BEACONRY_SERVER'] ?? 'http://127.0.0.1:7460';

export default defineConfig({
  base: '/admin/',
  build: {
    target: 'es2022',
    // The page's CSP takes scripts, styles and fonts from files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': server } },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/**/*.test.ts'],
    hookTimeout: 60_000,
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
