//! Anti-aliased shapes on a plain buffer. Lengths are in picture heights: (0, 0) is the top left corner, y = 1 the bottom
//! edge and x = `aspect()` the right edge, so that a scene looks alike at every size.

use image::{Rgb, RgbImage};

/// A point in picture heights.
pub(super) type Point = (f32, f32);

/// Every pixel row is sampled this many times when a shape's edge crosses it.
const SUB_ROWS: usize = 4;

/// An opaque sRGB colour with channels from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Colour {
    red: f32,
    green: f32,
    blue: f32,
}

impl Colour {
    /// The colour written `#rrggbb` in a stylesheet.
    pub(super) const fn hex(code: u32) -> Self {
        Self {
            red: ((code >> 16) & 255) as f32 / 255.0,
            green: ((code >> 8) & 255) as f32 / 255.0,
            blue: (code & 255) as f32 / 255.0,
        }
    }

    /// This colour with the share `t` of it replaced by `other`.
    pub(super) fn mix(self, other: Self, t: f32) -> Self {
        let t = t.clamp(0.0, 1.0);
        Self {
            red: self.red + (other.red - self.red) * t,
            green: self.green + (other.green - self.green) * t,
            blue: self.blue + (other.blue - self.blue) * t,
        }
    }

    /// A little towards white.
    pub(super) fn lighter(self, t: f32) -> Self {
        self.mix(Self::hex(0xff_ff_f4), t)
    }

    /// A little towards a cool dark.
    pub(super) fn darker(self, t: f32) -> Self {
        self.mix(Self::hex(0x10_1a_28), t)
    }
}

/// The picture being painted.
pub(super) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Colour>,
}

impl Canvas {
    /// A canvas of at least one pixel.
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width.max(1) as usize, height.max(1) as usize);
        Self {
            width,
            height,
            pixels: vec![Colour::hex(0xff_ff_ff); width * height],
        }
    }

    /// The x of the right edge.
    pub(super) fn aspect(&self) -> f32 {
        self.width as f32 / self.height as f32
    }

    /// The finished picture. `grain` breaks the bands that smooth gradients would show in eight bits.
    pub(super) fn finish(self, mut grain: impl FnMut() -> f32) -> RgbImage {
        let mut picture = RgbImage::new(self.width as u32, self.height as u32);
        for (pixel, colour) in picture.pixels_mut().zip(&self.pixels) {
            let noise = grain() * 1.6;
            let byte = |channel: f32| (channel * 255.0 + noise).round().clamp(0.0, 255.0) as u8;
            *pixel = Rgb([byte(colour.red), byte(colour.green), byte(colour.blue)]);
        }
        picture
    }

    /// Covers everything with a vertical gradient through `stops`, top to bottom.
    pub(super) fn gradient(&mut self, stops: &[Colour]) {
        let last = stops.len().saturating_sub(1);
        for (row, pixels) in self.pixels.chunks_mut(self.width).enumerate() {
            let place = row as f32 / self.height as f32 * last as f32;
            let index = (place as usize).min(last.saturating_sub(1));
            let (Some(&from), Some(&to)) = (stops.get(index), stops.get((index + 1).min(last)))
            else {
                return;
            };
            pixels.fill(from.mix(to, place - index as f32));
        }
    }

    /// Fills everything below the curve `edge(x) = y`, going from `top` at the curve to `bottom` `depth` further down.
    pub(super) fn fill_below(
        &mut self,
        edge: impl Fn(f32) -> f32,
        top: Colour,
        bottom: Colour,
        depth: f32,
    ) {
        let scale = self.height as f32;
        let edges: Vec<f32> = (0..self.width)
            .map(|x| edge((x as f32 + 0.5) / scale) * scale)
            .collect();
        let first = edges.iter().copied().fold(f32::MAX, f32::min).max(0.0) as usize;
        let depth = (depth * scale).max(1.0);
        for y in first..self.height {
            let row = &mut self.pixels[y * self.width..(y + 1) * self.width];
            for (pixel, edge) in row.iter_mut().zip(&edges) {
                let below = y as f32 + 1.0 - edge;
                if below > 0.0 {
                    *pixel = pixel.mix(top.mix(bottom, below / depth), below);
                }
            }
        }
    }

    /// Fills a closed outline (even-odd) with one colour.
    pub(super) fn fill(&mut self, outline: &[Point], colour: Colour) {
        self.fill_with(outline, |_, _| (colour, 1.0));
    }

    /// Fills a closed outline with one colour at the given opacity.
    pub(super) fn veil(&mut self, outline: &[Point], colour: Colour, opacity: f32) {
        self.fill_with(outline, |_, _| (colour, opacity));
    }

    /// Fills a closed outline; `paint(x, y)` answers with a colour and its opacity.
    pub(super) fn fill_with(
        &mut self,
        outline: &[Point],
        paint: impl Fn(f32, f32) -> (Colour, f32),
    ) {
        let scale = self.height as f32;
        let points: Vec<Point> = outline
            .iter()
            .map(|&(x, y)| (x * scale, y * scale))
            .collect();
        let bound = |pick: fn(&Point) -> f32, limit: usize| {
            let low = points.iter().map(pick).fold(f32::MAX, f32::min).floor();
            let high = points.iter().map(pick).fold(f32::MIN, f32::max).ceil();
            (
                low.clamp(0.0, limit as f32) as usize,
                high.clamp(0.0, limit as f32) as usize,
            )
        };
        let (left, right) = bound(|p| p.0, self.width);
        let (top, bottom) = bound(|p| p.1, self.height);
        if left >= right || top >= bottom {
            return;
        }
        let mut cover = vec![0.0_f32; right - left];
        let mut crossings = Vec::with_capacity(8);
        for y in top..bottom {
            cover.fill(0.0);
            for sub in 0..SUB_ROWS {
                let line = y as f32 + (sub as f32 + 0.5) / SUB_ROWS as f32;
                crossings.clear();
                for (index, &(x0, y0)) in points.iter().enumerate() {
                    let (x1, y1) = points[(index + 1) % points.len()];
                    if (y0 <= line) != (y1 <= line) {
                        crossings.push(x0 + (line - y0) / (y1 - y0) * (x1 - x0) - left as f32);
                    }
                }
                crossings.sort_unstable_by(f32::total_cmp);
                for pair in crossings.chunks_exact(2) {
                    add_span(&mut cover, pair[0], pair[1]);
                }
            }
            let row = &mut self.pixels[y * self.width + left..y * self.width + right];
            for (index, (pixel, cover)) in row.iter_mut().zip(&cover).enumerate() {
                if *cover > 0.0 {
                    let (colour, opacity) = paint((left + index) as f32 / scale, y as f32 / scale);
                    *pixel = pixel.mix(colour, cover * opacity);
                }
            }
        }
    }

    /// A filled circle.
    pub(super) fn disc(&mut self, centre: Point, radius: f32, colour: Colour) {
        let radius = radius * self.height as f32;
        self.around(centre, radius + 1.0, |distance| {
            (colour, (radius - distance + 0.5).clamp(0.0, 1.0))
        });
    }

    /// Light fading out from `centre`.
    pub(super) fn glow(&mut self, centre: Point, radius: f32, colour: Colour, strength: f32) {
        let radius = (radius * self.height as f32).max(1.0);
        self.around(centre, radius, |distance| {
            let left = (1.0 - distance / radius).max(0.0);
            (colour, left * left * strength)
        });
    }

    /// A filled ellipse.
    pub(super) fn ellipse(&mut self, centre: Point, radius: Point, colour: Colour) {
        self.fill(&oval(centre, radius), colour);
    }

    /// A straight stroke that goes from the width `from.1` to `to.1`.
    pub(super) fn stroke(
        &mut self,
        from: (Point, f32),
        to: (Point, f32),
        colour: Colour,
        opacity: f32,
    ) {
        let ((x0, y0), (x1, y1)) = (from.0, to.0);
        let length = (x1 - x0).hypot(y1 - y0).max(1e-6);
        let (nx, ny) = (-(y1 - y0) / length / 2.0, (x1 - x0) / length / 2.0);
        let outline = [
            (x0 + nx * from.1, y0 + ny * from.1),
            (x1 + nx * to.1, y1 + ny * to.1),
            (x1 - nx * to.1, y1 - ny * to.1),
            (x0 - nx * from.1, y0 - ny * from.1),
        ];
        self.veil(&outline, colour, opacity);
    }

    /// A straight stroke of one width.
    pub(super) fn line(&mut self, from: Point, to: Point, width: f32, colour: Colour) {
        self.stroke((from, width), (to, width), colour, 1.0);
    }

    /// An upright rectangle.
    pub(super) fn rect(&mut self, corner: Point, size: Point, colour: Colour) {
        let ((x, y), (w, h)) = (corner, size);
        self.fill(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h)], colour);
    }

    fn around(&mut self, centre: Point, radius: f32, paint: impl Fn(f32) -> (Colour, f32)) {
        let scale = self.height as f32;
        let (cx, cy) = (centre.0 * scale, centre.1 * scale);
        let within = |low: f32, high: f32, limit: usize| {
            (
                low.clamp(0.0, limit as f32) as usize,
                high.ceil().clamp(0.0, limit as f32) as usize,
            )
        };
        let (left, right) = within(cx - radius, cx + radius, self.width);
        let (top, bottom) = within(cy - radius, cy + radius, self.height);
        for y in top..bottom {
            let row = &mut self.pixels[y * self.width + left..y * self.width + right.max(left)];
            for (index, pixel) in row.iter_mut().enumerate() {
                let distance = ((left + index) as f32 + 0.5 - cx).hypot(y as f32 + 0.5 - cy);
                let (colour, opacity) = paint(distance);
                if opacity > 0.0 {
                    *pixel = pixel.mix(colour, opacity);
                }
            }
        }
    }
}

/// The outline of an ellipse.
pub(super) fn oval(centre: Point, radius: Point) -> Vec<Point> {
    (0..36)
        .map(|step| {
            let (sin, cos) = (step as f32 / 36.0 * std::f32::consts::TAU).sin_cos();
            (centre.0 + cos * radius.0, centre.1 + sin * radius.1)
        })
        .collect()
}

/// Adds one sub-row's span from `from` to `to` to the row's coverage.
fn add_span(cover: &mut [f32], from: f32, to: f32) {
    let share = 1.0 / SUB_ROWS as f32;
    let (from, to) = (from.max(0.0), to.min(cover.len() as f32));
    if from >= to {
        return;
    }
    let (first, last) = (from as usize, (to as usize).min(cover.len() - 1));
    if first == last {
        cover[first] += (to - from) * share;
        return;
    }
    cover[first] += (first as f32 + 1.0 - from) * share;
    for cell in &mut cover[first + 1..last] {
        *cell += share;
    }
    cover[last] += (to - last as f32) * share;
}
