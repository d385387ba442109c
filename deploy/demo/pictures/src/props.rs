//! Things that stand in more than one picture. Each is placed by the middle of its foot.

use super::canvas::{Colour, Point};
use super::scene::Scene;

const TRUNK: Colour = Colour::hex(0x6b_4f_3a);
const RED: Colour = Colour::hex(0xc8_34_2c);
const GOLD: Colour = Colour::hex(0xf7_cf_3f);
const STRAW: Colour = Colour::hex(0xe8_d3_9a);
const SKIN: Colour = Colour::hex(0xc0_8a_63);
const HAIR: Colour = Colour::hex(0x2b_24_22);

impl Scene {
    /// A pine of three tiers.
    pub(super) fn pine(&mut self, foot: Point, size: f32, colour: Colour) {
        let (x, y) = foot;
        self.canvas
            .line((x, y), (x, y - size * 0.3), size * 0.06, TRUNK.darker(0.25));
        for tier in 0..3 {
            let low = y - size * (0.14 + 0.26 * tier as f32);
            let half = size * (0.25 - 0.055 * tier as f32);
            let top = low - size * 0.40;
            self.canvas
                .fill(&[(x - half, low), (x, top), (x + half, low)], colour);
            let shade = colour.darker(0.22);
            self.canvas
                .veil(&[(x, low), (x, top), (x + half, low)], shade, 0.55);
        }
    }

    /// A broad-leaved tree with a shaded crown.
    pub(super) fn tree(&mut self, foot: Point, size: f32, leaf: Colour) {
        let (x, y) = foot;
        self.canvas.stroke(
            ((x, y), size * 0.10),
            ((x, y - size * 0.6), size * 0.05),
            TRUNK,
            1.0,
        );
        let crown: [(f32, f32, f32); 6] = [
            (-0.20, 0.58, 0.21),
            (0.20, 0.56, 0.21),
            (0.0, 0.50, 0.22),
            (-0.11, 0.78, 0.20),
            (0.13, 0.76, 0.20),
            (0.0, 0.66, 0.24),
        ];
        for (shift, colour, shrink) in [
            (0.03, leaf.darker(0.28), 1.0),
            (0.0, leaf, 0.95),
            (-0.05, leaf.lighter(0.16), 0.58),
        ] {
            for (dx, dy, radius) in crown {
                let jitter = self.between(-0.02, 0.02);
                let centre = (x + (dx + jitter + shift) * size, y - (dy - shift) * size);
                self.canvas.disc(centre, radius * size * shrink, colour);
            }
        }
    }

    /// A slender areca palm.
    pub(super) fn palm(&mut self, foot: Point, size: f32, leaf: Colour) {
        let (x, y) = foot;
        let lean = self.between(-0.05, 0.05) * size;
        let top = (x + lean, y - size * 0.78);
        self.canvas.stroke(
            (foot, size * 0.045),
            (top, size * 0.03),
            TRUNK.lighter(0.25),
            1.0,
        );
        for frond in 0..9 {
            let angle = std::f32::consts::PI * (frond as f32 / 8.0 * 1.3 - 0.15);
            let reach = size * 0.30;
            let tip = (
                top.0 + angle.cos() * reach,
                top.1 - angle.sin() * reach * 0.75 + size * 0.05,
            );
            let bend = (
                top.0 + angle.cos() * reach * 0.55,
                top.1 - angle.sin() * reach * 0.75 - size * 0.03,
            );
            let shade = if frond % 2 == 0 {
                leaf
            } else {
                leaf.darker(0.2)
            };
            self.canvas.fill(
                &[
                    top,
                    (bend.0, bend.1 - size * 0.025),
                    tip,
                    (bend.0, bend.1 + size * 0.022),
                ],
                shade,
            );
        }
    }

    /// A low tuft of grass.
    pub(super) fn tuft(&mut self, foot: Point, size: f32, colour: Colour) {
        for blade in 0..5 {
            let lean = (blade as f32 - 2.0) * 0.22 + self.between(-0.08, 0.08);
            let tip = (foot.0 + lean * size, foot.1 - size * self.between(0.6, 1.0));
            let half = size * 0.06;
            self.canvas.fill(
                &[(foot.0 - half, foot.1), tip, (foot.0 + half, foot.1)],
                colour,
            );
        }
    }

    /// A person seen from afar, in a conical hat when `hat`.
    pub(super) fn person(&mut self, foot: Point, size: f32, shirt: Colour, hat: bool) {
        let (x, y) = foot;
        let half = size * 0.13;
        self.canvas.rect(
            (x - half * 0.75, y - size * 0.42),
            (half * 0.62, size * 0.42),
            HAIR.lighter(0.12),
        );
        self.canvas.rect(
            (x + half * 0.13, y - size * 0.42),
            (half * 0.62, size * 0.42),
            HAIR.lighter(0.12),
        );
        let (shoulder, hip) = (y - size * 0.78, y - size * 0.36);
        self.canvas.fill(
            &[
                (x - half, shoulder),
                (x + half, shoulder),
                (x + half * 1.15, hip),
                (x - half * 1.15, hip),
            ],
            shirt,
        );
        for side in [-1.0, 1.0] {
            let hand = (x + side * half * 1.75, hip + size * 0.02);
            self.canvas.line(
                (x + side * half * 0.85, shoulder + size * 0.04),
                hand,
                size * 0.075,
                shirt.darker(0.15),
            );
        }
        let head = (x, y - size * 0.88);
        self.canvas.disc(head, size * 0.095, SKIN);
        if hat {
            let brim = y - size * 0.90;
            self.canvas.fill(
                &[
                    (x - size * 0.22, brim),
                    (x, brim - size * 0.17),
                    (x + size * 0.22, brim),
                ],
                STRAW,
            );
        } else {
            self.canvas
                .ellipse((x, y - size * 0.92), (size * 0.10, size * 0.065), HAIR);
        }
    }

    /// The national flag on a pole whose top is `size` above the foot.
    pub(super) fn flag(&mut self, foot: Point, size: f32) {
        let (x, y) = foot;
        self.canvas
            .line(foot, (x, y - size), size * 0.018, Colour::hex(0xd8_d8_d2));
        let (w, h) = (size * 0.36, size * 0.24);
        let top = y - size * 0.98;
        let wave = |t: f32| (t * 5.0).sin() * h * 0.09;
        let mut outline: Vec<Point> = (0..=12)
            .map(|i| i as f32 / 12.0)
            .map(|t| (x + t * w, top + wave(t)))
            .collect();
        outline.extend(
            (0..=12)
                .rev()
                .map(|i| i as f32 / 12.0)
                .map(|t| (x + t * w, top + h + wave(t))),
        );
        self.canvas.fill(&outline, RED);
        self.star((x + w * 0.5, top + h * 0.5 + wave(0.5)), h * 0.32, GOLD);
    }

    /// A five-pointed star.
    pub(super) fn star(&mut self, centre: Point, radius: f32, colour: Colour) {
        let outline: Vec<Point> = (0..10)
            .map(|step| {
                let angle = step as f32 / 10.0 * std::f32::consts::TAU;
                let reach = if step % 2 == 0 {
                    radius
                } else {
                    radius * 0.382
                };
                (
                    centre.0 + angle.sin() * reach,
                    centre.1 - angle.cos() * reach,
                )
            })
            .collect();
        self.canvas.fill(&outline, colour);
    }

    /// A small house with a gable roof.
    pub(super) fn house(&mut self, foot: Point, size: f32, wall: Colour, roof: Colour) {
        let (x, y) = foot;
        let (half, tall) = (size * 0.42, size * 0.36);
        self.canvas
            .rect((x - half, y - tall), (half * 2.0, tall), wall);
        self.canvas.rect(
            (x + half * 0.35, y - tall),
            (half * 0.65, tall),
            wall.darker(0.12),
        );
        self.canvas.rect(
            (x - size * 0.08, y - tall * 0.72),
            (size * 0.15, tall * 0.72),
            TRUNK,
        );
        self.canvas.rect(
            (x - half * 0.78, y - tall * 0.72),
            (size * 0.13, tall * 0.36),
            Colour::hex(0x7f_a9_b8),
        );
        let eave = y - tall * 0.96;
        let ridge = eave - size * 0.30;
        self.canvas.fill(
            &[
                (x - half * 1.25, eave),
                (x - half * 0.9, ridge),
                (x + half * 0.9, ridge),
                (x + half * 1.25, eave),
            ],
            roof,
        );
        self.canvas.veil(
            &[
                (x - half * 1.25, eave),
                (x - half * 1.16, eave - size * 0.06),
                (x + half * 1.16, eave - size * 0.06),
                (x + half * 1.25, eave),
            ],
            roof.darker(0.4),
            0.5,
        );
    }

    /// A communal house: a steep thatched roof, bowed like an axe blade, on a body on stilts.
    pub(super) fn communal_house(&mut self, foot: Point, size: f32, thatch: Colour) {
        let (x, y) = foot;
        let wood = TRUNK.mix(thatch, 0.15);
        let floor = y - size * 0.16;
        for stilt in -3..=3 {
            let at = x + stilt as f32 * size * 0.105;
            self.canvas
                .line((at, y), (at, floor), size * 0.022, wood.darker(0.35));
        }
        let (half, wall) = (size * 0.36, size * 0.17);
        self.canvas
            .rect((x - half, floor - wall), (half * 2.0, wall), wood);
        for plank in -7..=7 {
            let at = x + plank as f32 * size * 0.047;
            self.canvas.line(
                (at, floor - wall),
                (at, floor),
                size * 0.006,
                wood.darker(0.3),
            );
        }
        self.canvas.rect(
            (x - size * 0.055, floor - wall * 0.86),
            (size * 0.11, wall * 0.86),
            wood.darker(0.55),
        );
        self.canvas.rect(
            (x - half * 1.12, floor),
            (half * 2.24, size * 0.022),
            wood.darker(0.2),
        );

        let (eave, ridge) = (floor - wall * 0.78, y - size);
        let (low, high) = (size * 0.42, size * 0.25);
        let side = |t: f32| low + (high - low) * t + (t * std::f32::consts::PI).sin() * size * 0.05;
        let steps = 14;
        let edge = |sign: f32| {
            (0..=steps)
                .map(move |i| i as f32 / steps as f32)
                .map(move |t| (x + sign * side(t), eave + (ridge - eave) * t))
        };
        let mut roof: Vec<Point> = edge(-1.0).collect();
        roof.push((x, ridge + size * 0.035));
        let mut back: Vec<Point> = edge(1.0).collect();
        back.reverse();
        roof.extend(back);
        let (dark, bright) = (thatch.darker(0.25), thatch.lighter(0.12));
        self.canvas.fill_with(&roof, |px, py| {
            let along = ((px - x) / size + 0.45) / 0.9;
            let band = ((py - ridge) / size * 26.0).fract();
            let thatched = bright.mix(dark, along * 0.75);
            (
                if band > 0.86 {
                    thatched.darker(0.16)
                } else {
                    thatched
                },
                1.0,
            )
        });
        // The woven band under the ridge.
        for step in -7..=7 {
            let at = (x + step as f32 * size * 0.034, ridge + size * 0.085);
            let r = size * 0.014;
            let shade = if step % 2 == 0 {
                STRAW
            } else {
                RED.darker(0.1)
            };
            self.canvas.fill(
                &[
                    (at.0, at.1 - r),
                    (at.0 + r, at.1),
                    (at.0, at.1 + r),
                    (at.0 - r, at.1),
                ],
                shade,
            );
        }
        for sign in [-1.0, 1.0] {
            let tip = x + sign * high;
            self.canvas.stroke(
                ((tip, ridge + size * 0.02), size * 0.02),
                (
                    (tip + sign * size * 0.035, ridge - size * 0.075),
                    size * 0.006,
                ),
                thatch.darker(0.4),
                1.0,
            );
        }
        // The log stair.
        let (left, right) = (x - size * 0.035, x + size * 0.035);
        self.canvas.fill(
            &[
                (left, floor),
                (right, floor),
                (right + size * 0.02, y + size * 0.02),
                (left - size * 0.02, y + size * 0.02),
            ],
            wood.lighter(0.12),
        );
        for step in 0..5 {
            let at = floor + (y - floor) * (step as f32 + 0.5) / 5.0;
            self.canvas.line(
                (left - size * 0.01, at),
                (right + size * 0.01, at),
                size * 0.010,
                wood.darker(0.35),
            );
        }
    }

    /// The festival pole, with its drooping tassels.
    pub(super) fn festival_pole(&mut self, foot: Point, size: f32) {
        let (x, y) = foot;
        let top = (x + size * 0.05, y - size);
        self.canvas.stroke(
            (foot, size * 0.022),
            (top, size * 0.010),
            TRUNK.lighter(0.2),
            1.0,
        );
        for ring in 0..7 {
            let at = (
                x + size * 0.05 * ring as f32 / 7.0,
                y - size * ring as f32 / 7.0,
            );
            self.canvas.line(
                (at.0 - size * 0.010, at.1),
                (at.0 + size * 0.010, at.1),
                size * 0.022,
                if ring % 2 == 0 { RED } else { STRAW },
            );
        }
        for (reach, drop) in [(-0.16, 0.10), (0.18, 0.12), (-0.10, 0.02), (0.11, 0.03)] {
            let end = (top.0 + reach * size, top.1 + drop * size);
            self.canvas
                .stroke((top, size * 0.012), (end, size * 0.006), STRAW, 1.0);
            self.canvas.stroke(
                (end, size * 0.020),
                ((end.0, end.1 + size * 0.075), size * 0.004),
                RED,
                1.0,
            );
        }
    }

    /// A fishing boat riding at its waterline.
    pub(super) fn boat(&mut self, foot: Point, size: f32, hull: Colour) {
        let (x, y) = foot;
        let half = size * 0.5;
        self.canvas.fill(
            &[
                (x - half, y - size * 0.16),
                (x - half * 0.72, y),
                (x + half * 0.66, y),
                (x + half * 1.08, y - size * 0.22),
                (x + half * 0.5, y - size * 0.12),
            ],
            hull,
        );
        self.canvas.fill(
            &[
                (x - half, y - size * 0.16),
                (x - half * 0.95, y - size * 0.125),
                (x + half * 0.98, y - size * 0.175),
                (x + half * 1.08, y - size * 0.22),
                (x + half * 0.5, y - size * 0.12),
            ],
            Colour::hex(0xf3_ec_dc),
        );
        self.canvas.rect(
            (x - half * 0.6, y - size * 0.32),
            (size * 0.26, size * 0.19),
            Colour::hex(0xf6_f1_e4),
        );
        self.canvas.rect(
            (x - half * 0.52, y - size * 0.28),
            (size * 0.07, size * 0.07),
            Colour::hex(0x5d_86_98),
        );
        self.canvas.rect(
            (x - half * 0.28, y - size * 0.28),
            (size * 0.07, size * 0.07),
            Colour::hex(0x5d_86_98),
        );
        self.canvas.rect(
            (x - half * 0.68, y - size * 0.35),
            (size * 0.34, size * 0.035),
            hull,
        );
        self.canvas.line(
            (x + half * 0.1, y - size * 0.1),
            (x + half * 0.1, y - size * 0.62),
            size * 0.018,
            TRUNK,
        );
        self.flag((x + half * 0.1, y - size * 0.36), size * 0.28);
    }
}
