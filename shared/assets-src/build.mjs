// Builds ../assets (what the servers embed), ../fonts (what they draw with) and the icon sprites in ../templates.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { build, transform } from "esbuild";
import * as sass from "sass";
import wawoff2 from "wawoff2";

const out = "../assets";
const templates = "../templates";
const target = ["chrome90", "safari14", "firefox90"];
mkdirSync(out, { recursive: true });
mkdirSync(`${templates}/newsroom`, { recursive: true });

const palettes = readdirSync("scss").filter((file) => file.startsWith("mau-")).map((file) => file.replace(".scss", ""));

for (const name of ["site", "forms", "banners", "newsroom", ...palettes]) {
  const { css } = sass.compile(`scss/${name}.scss`, {
    loadPaths: ["node_modules"],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  const { code } = await transform(css, { loader: "css", minify: true, target, legalComments: "none" });
  const banner = name === "site" ? "/*! Bootstrap 5.3 subset, MIT, getbootstrap.com; Be Vietnam Pro, OFL 1.1. See README.md */\n" : "";
  write(`${out}/${name}.css`, banner + code);
}

// Safari 14 fails in a corner of destructuring that nobody here turns.
for (const name of ["site", "worker", "newsroom", "media", "editor"]) {
  const { outputFiles, metafile } = await build({ entryPoints: [`js/${name}.js`], bundle: true, minify: true, target, format: "iife", charset: "utf8", legalComments: "none", write: false, metafile: true, supported: { destructuring: true } });
  if (name === "editor") licences(Object.keys(metafile.inputs));
  const banner = name === "editor" ? "/*! TipTap 3, ProseMirror, MIT. See README.md */\n" : "";
  write(`${out}/${name}.js`, banner + outputFiles[0].text);
}

for (const name of ["emblem.svg", "favicon.svg", "gates-pattern.svg"]) write(`${out}/${name}`, readFileSync(`art/${name}`, "utf8").trim() + "\n");

for (const weight of [400, 700])
  for (const subset of ["latin", "vietnamese"])
    copyFileSync(`node_modules/@fontsource/be-vietnam-pro/files/be-vietnam-pro-${subset}-${weight}-normal.woff2`, `${out}/be-vietnam-pro-${subset}-${weight}.woff2`);

// The letters of the pictures that link previews show, which the server draws itself.
mkdirSync("../fonts", { recursive: true });
for (const subset of ["latin", "vietnamese"])
  writeFileSync(`../fonts/be-vietnam-pro-${subset}-700.ttf`, await wawoff2.decompress(readFileSync(`${out}/be-vietnam-pro-${subset}-700.woff2`)));

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

// What is bundled asks for its licence to go with it.
function licences(files) {
  const names = new Set(files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]).filter(Boolean));
  const texts = Array.from(names).sort().map((name) => {
    const folder = `node_modules/${name}`;
    const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version}\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
  });
  write(`${out}/LICENSE-editor.txt`, texts.join(`\n${"-".repeat(80)}\n\n`));
}

function write(path, text) {
  // What did not change keeps its time, so that nothing is compiled for it.
  const packed = brotliCompressSync(text);
  const isServed = /\.(css|js)$/.test(path);
  if (!existsSync(path) || readFileSync(path, "utf8") !== text || (isServed && !existsSync(`${path}.br`))) {
    writeFileSync(path, text);
    // Served as it is to browsers that can read it: nobody packs it on the way.
    if (isServed) writeFileSync(`${path}.br`, packed);
  }
  console.log(path.padEnd(36), String(Buffer.byteLength(text)).padStart(7), "bytes", String(packed.length).padStart(6), "brotli");
}
