// Builds ../assets (what the servers embed) and the icon sprites in ../templates.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { transform } from "esbuild";
import * as sass from "sass";

const out = "../assets";
const templates = "../templates";
const target = ["chrome90", "safari14", "firefox90"];
mkdirSync(out, { recursive: true });
mkdirSync(`${templates}/newsroom`, { recursive: true });

for (const name of ["site", "newsroom"]) {
  const { css } = sass.compile(`scss/${name}.scss`, {
    loadPaths: ["node_modules"],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  const { code } = await transform(css, { loader: "css", minify: true, target, legalComments: "none" });
  const banner = name === "site" ? "/*! Bootstrap 5.3 subset, MIT, getbootstrap.com; Be Vietnam Pro, OFL 1.1. See README.md */\n" : "";
  write(`${out}/${name}.css`, banner + code);
}

for (const name of ["site", "newsroom"]) {
  const { code } = await transform(readFileSync(`js/${name}.js`, "utf8"), { loader: "js", minify: true, target, format: "iife" });
  write(`${out}/${name}.js`, code);
}

for (const name of ["emblem.svg", "favicon.svg", "gates-pattern.svg"]) write(`${out}/${name}`, readFileSync(`art/${name}`, "utf8").trim() + "\n");

for (const weight of [400, 700])
  for (const subset of ["latin", "vietnamese"])
    copyFileSync(`node_modules/@fontsource/be-vietnam-pro/files/be-vietnam-pro-${subset}-${weight}-normal.woff2`, `${out}/be-vietnam-pro-${subset}-${weight}.woff2`);

// The sprites go into the page itself: Firefox refuses <use> of another file under `default-src 'none'`.
for (const [file, names] of Object.entries(JSON.parse(readFileSync("icons.json", "utf8")))) {
  const symbols = names.map((name) => {
    const svg = readFileSync(`node_modules/@tabler/icons/icons/outline/${name}.svg`, "utf8");
    const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    const kept = shapes.replace(/<path stroke="none"[^>]*>/g, "").replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>");
    return `<symbol id="i-${name}" viewBox="0 0 24 24">${kept}</symbol>`;
  });
  const comment = "{# Built by assets-src/build.mjs from @tabler/icons (MIT). Use: <svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-name\"/></svg> #}";
  write(`${templates}/${file}.html`, `${comment}<svg hidden width="0" height="0" aria-hidden="true">${symbols.join("")}</svg>\n`);
}

function write(path, text) {
  writeFileSync(path, text);
  console.log(path.padEnd(36), String(Buffer.byteLength(text)).padStart(7), "bytes", String(brotliCompressSync(text).length).padStart(6), "brotli");
}
