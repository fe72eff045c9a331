import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const TEXT = /\.(js|css|svg|html)$/;

/** Writes `file.gz` beside every text file, so that the gateway compresses nothing while it answers. */
function gzipped(): Plugin {
  let folder = "";
  return {
    name: "gzipped",
    apply: "build",
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: () => {
      for (const name of readdirSync(folder, { recursive: true }).map(String)) {
        const path = join(folder, name);
        if (TEXT.test(name) && statSync(path).isFile()) writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: "/console/",
  plugins: [react(), gzipped()],
  resolve: {
    // The original writes <style> elements, which the Content-Security-Policy refuses.
    alias: { "react-style-singleton": join(import.meta.dirname, "src/shims/react-style-singleton.ts") },
  },
  // The size is judged gzipped, by scripts/budget.js; without the limit every build warns of what is within the budget.
  build: { target: "es2022", manifest: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 },
  server: { proxy: { "/api": "http://localhost:8000", "/auth": "http://localhost:8000" } },
  test: { include: ["tests/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
