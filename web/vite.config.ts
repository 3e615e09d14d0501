// How the pages are built, served while working on them, and tested. The build goes to dist/ and needs
// nothing but a static host.
import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

import { createFakeApi } from "./test-support/fakeApi.ts";

/**
 * Answer the API's routes from memory, so that the built pages can be looked at without the stack (npm run
 * preview:fake).
 */
function fakeApi(): Plugin {
  return {
    name: "plumbline-fake-api",
    configurePreviewServer(server) {
      const api = createFakeApi({ delayMs: 250 });
      server.middlewares.use((request, response, next) => {
        if (!api.handle(request, response)) next();
      });
    },
  };
}

export default defineConfig(({ mode }) => {
  const target = process.env["PLUMBLINE_URL"] ?? "http://localhost:8000";
  return {
    plugins: [react(), ...(mode === "fake" ? [fakeApi()] : [])],
    resolve: {
      alias: {
        "@test": fileURLToPath(new URL("./test-support", import.meta.url)),
        "@": fileURLToPath(new URL("./src", import.meta.url)),
      },
    },
    build: {
      target: "es2022",
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: true,
    },
    preview: { headers: { "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'" } },
    server: { proxy: { "/api": target, "/dev": target, "/config.json": target } },
    test: {
      environment: "jsdom",
      include: ["src/**/*.test.{ts,tsx}"],
      setupFiles: ["./test-support/setup.ts"],
      restoreMocks: true,
      testTimeout: 20_000,
    },
  };
});
