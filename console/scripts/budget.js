// Fails when the first load (index.html, the entry's scripts and styles) is larger than the budget, gzipped.
import { existsSync, readFileSync, statSync } from "node:fs";

const BUDGET = 250_000;
const dist = new URL("../dist/", import.meta.url);
const manifestFile = new URL(".vite/manifest.json", dist);
if (!existsSync(manifestFile)) {
  console.error("console: there is no build; run `make console`");
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));
const seen = new Set();
const files = new Set(["index.html"]);

function add(key) {
  if (seen.has(key)) return;
  seen.add(key);
  const chunk = manifest[key];
  files.add(chunk.file);
  (chunk.css ?? []).forEach((name) => files.add(name));
  (chunk.imports ?? []).forEach(add);
}

Object.keys(manifest).filter((key) => manifest[key].isEntry).forEach(add);
const total = [...files].reduce((sum, name) => sum + statSync(new URL(`${name}.gz`, dist)).size, 0);
console.log(`console: first load ${(total / 1000).toFixed(1)} kB gzipped of ${BUDGET / 1000} kB, ${files.size} files`);
process.exit(total > BUDGET ? 1 : 0);
