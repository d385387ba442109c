// Lighthouse over some pages of a site of the running demo, on a telephone with a slow line as it simulates one:
// medians of five looks at each page.
//
//   npm ci --prefix tests/lighthouse --ignore-scripts
//   cargo run --bin demo                                           in one window
//   node tests/lighthouse/run.mjs [http://127.0.0.1:8801]          in another
//
// Loopback only; needs Debian's chromium. Figures are recorded in docs/benchmarks.md.

import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

const LOOKS = 5;
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];

const base = new URL(process.argv[2] ?? 'http://127.0.0.1:8801');
if (!['127.0.0.1', 'localhost', '[::1]'].includes(base.hostname)) throw new Error(`only this machine: ${base}`);

/** The first link on the page `list` that begins so and leads on. */
async function first(list, beginning) {
  const page = await (await fetch(new URL(list, base))).text();
  const links = [...page.matchAll(/href="([^"]+)"/g)].map((found) => found[1]);
  const link = links.find((href) => href.startsWith(beginning) && href.slice(beginning.length).includes('-'));
  if (!link) throw new Error(`${list} names nothing below ${beginning}`);
  return link;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const pages = [
  ['trang chủ', '/'],
  ['danh sách tin', '/tin-tuc'],
  ['bài viết', await first('/tin-tuc', '/bai-viet/')],
  ['văn bản', await first('/van-ban', '/van-ban/')],
  ['hỏi – đáp', '/hoi-dap'],
  ['gửi phản ánh', '/phan-anh/gui'],
  ['tìm kiếm', '/tim-kiem?q=kon+ray'],
];
console.log('| trang | hiệu năng | tiếp cận | thực hành | tìm kiếm | LCP | CLS | TBT |');
console.log('|---|---|---|---|---|---|---|---|');
for (const [name, path] of pages) {
  const seen = [];
  for (let look = 0; look < LOOKS; look++) {
    // A browser of its own each time: nobody has been here before.
    const browser = await launch({ chromePath: '/usr/bin/chromium', chromeFlags: ['--headless=new', '--no-sandbox'] });
    const result = await lighthouse(new URL(path, base).href, { port: browser.port, onlyCategories: CATEGORIES });
    await browser.kill();
    seen.push(result.lhr);
  }
  const score = (category) => Math.round(100 * median(seen.map((lhr) => lhr.categories[category].score)));
  const audit = (id) => median(seen.map((lhr) => lhr.audits[id].numericValue));
  const lcp = (audit('largest-contentful-paint') / 1000).toFixed(1);
  const figures = [...CATEGORIES.map(score), `${lcp} s`, audit('cumulative-layout-shift').toFixed(2),
    `${Math.round(audit('total-blocking-time'))} ms`];
  console.log(`| ${name} | ${figures.join(' | ')} |`);
  const lost = new Set(seen.flatMap((lhr) => Object.values(lhr.audits)
    .filter((one) => one.score !== null && one.score < 0.9 && one.scoreDisplayMode === 'binary')
    .map((one) => one.id)));
  if (lost.size) console.error(`${path}: ${[...lost].join(', ')}`);
}
