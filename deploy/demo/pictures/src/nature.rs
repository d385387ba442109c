//! Landscapes: mountains, water, fields and plants.

use super::canvas::{Colour, Point, oval};
use super::course::{Course, half_width};
use super::scene::{Scene, at};

const WATER: Colour = Colour::hex(0x4f_9d_b5);
const RIPE: Colour = Colour::hex(0xd9_2f_2b);

/// Forested mountains one behind another.
pub(super) fn mountains(scene: &mut Scene) {
    scene.maybe_evening();
    let far = scene.between(0.60, 0.68);
    scene.sky(far);
    scene.hills(far + 0.10, 4, 0.14);
    scene.mist(far + 0.03, 0.10, 0.75);
    let near = scene.light.near;
    for layer in 0..3 {
        let t = layer as f32 / 2.0;
        let base = 0.74 + 0.11 * t;
        let (kind, shift) = (31 + layer * 4, scene.between(0.0, 30.0));
        let table = scene.curve(|s, x| base - 0.10 * s.noise(kind, x * 1.5 + shift));
        let colour = near.mix(scene.light.ground, 0.30 - 0.22 * t);
        let size = 0.045 + 0.055 * t;
        let mut x = -0.05;
        while x < scene.width() + 0.05 {
            let tall = size * scene.between(0.7, 1.25);
            scene.pine((x, at(&table, x) + size * 0.25), tall, colour.darker(0.12));
            x += size * scene.between(0.25, 0.6);
        }
        let foot = colour.mix(scene.light.mist, 0.20 * (1.0 - t));
        scene
            .canvas
            .fill_below(|x| at(&table, x), colour, foot, 0.25);
        scene.mist(base + 0.06, 0.05, 0.35 * (1.0 - t));
    }
}

/// A stream between banks and boulders.
pub(super) fn stream(scene: &mut Scene) {
    let horizon = scene.between(0.50, 0.56);
    scene.backdrop(horizon, 4);
    scene.mist(horizon, 0.05, 0.6);
    let meadow = scene.light.ground;
    scene.ground(horizon, meadow);
    let width = scene.width();
    let course = Course {
        far: (width * scene.between(0.40, 0.60), horizon + 0.015),
        near: width * scene.between(0.35, 0.65),
        bend: scene.pick([-1.0, 1.0]) * scene.between(0.10, 0.16),
    };
    let (banks, water) = ((0.05, 1.02), (0.03, 0.86));
    forest_edge(scene, horizon + 0.02, 0.10);
    let sand = Colour::hex(0xcf_bd_97).mix(meadow, 0.25);
    scene.canvas.fill(&course.outline(banks), sand);
    let (sky, deep) = (scene.light.sky[2], WATER.mix(scene.light.near, 0.25));
    scene.canvas.fill_with(&course.outline(water), |_, y| {
        (sky.mix(deep, (y - horizon) / (1.0 - horizon) * 1.1), 1.0)
    });
    for _ in 0..46 {
        let t = scene.between(0.08, 1.0);
        let spot = course.beside(t, scene.between(-0.8, 0.8), water);
        let long = half_width(t, water) * scene.between(0.10, 0.30);
        let glint = oval(spot, (long, 0.003 + 0.004 * t));
        scene.canvas.veil(&glint, sky.lighter(0.5), 0.45);
    }
    for _ in 0..15 {
        let t = scene.between(0.25, 1.0);
        let side = scene.pick([-1.0, 1.0]) * scene.between(0.72, 1.12);
        let spot = course.beside(t, side, water);
        let size = (0.012 + 0.060 * t) * scene.between(0.6, 1.15);
        boulder(scene, spot, size);
    }
    for _ in 0..60 {
        let side = scene.pick([0.0, 1.0]);
        let x = if side == 0.0 {
            scene.between(0.0, width * 0.2)
        } else {
            scene.between(width * 0.8, width)
        };
        let y = scene.between(0.82, 1.02);
        let blade = meadow.darker(0.3);
        scene.tuft((x, y), 0.05, blade);
    }
}

fn boulder(scene: &mut Scene, at: Point, size: f32) {
    let (x, y) = at;
    let stone = Colour::hex(0x8d_92_8e).mix(scene.light.near, 0.2);
    scene.canvas.ellipse(
        (x, y + size * 0.10),
        (size * 1.15, size * 0.42),
        WATER.darker(0.35),
    );
    let lumps: Vec<Point> = (0..14)
        .map(|step| {
            let angle = step as f32 / 14.0 * std::f32::consts::TAU;
            let reach = size * scene.between(0.88, 1.08);
            (
                x + angle.cos() * reach,
                y - size * 0.18 + angle.sin() * reach * 0.58,
            )
        })
        .collect();
    scene.canvas.fill_with(&lumps, |px, py| {
        (
            stone.lighter(0.35).mix(
                stone.darker(0.35),
                (py - y + size * 0.75) / size + (px - x) / size * 0.3,
            ),
            1.0,
        )
    });
}

/// A line of round trees standing on `y`.
pub(super) fn forest_edge(scene: &mut Scene, y: f32, size: f32) {
    let leaf = scene.light.near.mix(scene.light.ground, 0.35);
    let mut x = -0.04;
    while x < scene.width() + 0.04 {
        let tall = size * scene.between(0.6, 1.1);
        let shade = leaf.mix(scene.light.mist, scene.between(0.05, 0.25));
        scene.tree((x, y + size * 0.05), tall, shade);
        x += size * scene.between(0.25, 0.6);
    }
}

/// Terraced rice fields following the slope.
pub(super) fn terraces(scene: &mut Scene) {
    scene.backdrop(0.50, 4);
    scene.mist(0.46, 0.06, 0.55);
    let width = scene.width();
    let count = 12;
    let (shift, turn) = (scene.between(0.0, 40.0), scene.between(-0.10, 0.10));
    let (green, gold) = (
        scene.light.ground,
        Colour::hex(0xe3_c4_55).mix(scene.light.sun, 0.12),
    );
    let season = scene.between(0.15, 0.75);
    for step in 0..count {
        let t = step as f32 / (count - 1) as f32;
        let base = 0.455 + 0.50 * t.powf(1.25);
        let table = scene.curve(|s, x| {
            base + turn * (x / width - 0.5) * (1.0 - t)
                + (0.030 + 0.045 * t) * s.noise(41, x * 1.15 + shift + t * 0.55)
                + 0.008 * s.noise(51 + step, x * 2.6)
        });
        let wet = scene.chance(0.22);
        let rice = if wet {
            scene.light.sky[1].mix(green, 0.25)
        } else {
            green.mix(gold, season + scene.between(-0.28, 0.28))
        };
        let bund = scene.light.near.mix(green, 0.35);
        scene.canvas.fill_below(
            |x| at(&table, x) - 0.005 - 0.004 * t,
            green.lighter(0.28),
            green,
            0.02,
        );
        scene.canvas.fill_below(
            |x| at(&table, x),
            rice.lighter(0.18),
            rice.darker(0.10),
            0.03 + 0.06 * t,
        );
        let drop = 0.020 + 0.030 * t;
        scene.canvas.fill_below(
            |x| at(&table, x) + drop,
            bund.lighter(0.05),
            bund.darker(0.12),
            0.02,
        );
        if !wet && t > 0.3 {
            for _ in 0..(90.0 * t) as usize {
                let x = scene.between(0.0, width);
                let y = at(&table, x) + drop * scene.between(0.3, 1.0);
                scene.canvas.line(
                    (x, y),
                    (x, y - 0.007 - 0.012 * t),
                    0.0018,
                    rice.lighter(0.25),
                );
            }
        }
    }
    let hut = scene.between(0.2, 0.8) * width;
    scene.house(
        (hut, 0.62),
        0.085,
        Colour::hex(0xb9_93_68),
        Colour::hex(0x8a_5a_3c),
    );
    let leaf = scene.light.near.mix(green, 0.4);
    scene.palm((hut + 0.07, 0.63), 0.16, leaf);
    scene.tree((hut - 0.07, 0.625), 0.10, leaf);
    let x = scene.between(0.25, 0.75) * width;
    scene.person((x, 0.86), 0.11, Colour::hex(0x3f_5f_93), true);
    scene.person((x + 0.10, 0.875), 0.105, Colour::hex(0xb5_45_4a), true);
}

/// The sea, an island and boats.
pub(super) fn island(scene: &mut Scene) {
    scene.maybe_evening();
    let horizon = scene.between(0.46, 0.52);
    scene.sky(horizon);
    let width = scene.width();
    let far = scene.light.far;
    let shift = scene.between(0.0, 40.0);
    let table = scene.curve(|s, x| horizon - 0.02 - 0.05 * s.noise(15, x * 1.2 + shift).max(0.0));
    scene
        .canvas
        .fill_below(|x| at(&table, x), far.mix(scene.light.mist, 0.35), far, 0.1);
    let sea = Colour::hex(0x2b_86_a8).mix(scene.light.near, 0.18);
    let (shallow, line) = (sea.mix(scene.light.sky[2], 0.55), horizon);
    scene
        .canvas
        .fill_below(|_| line, shallow, sea.darker(0.25), 1.0 - horizon);

    let (centre, reach, tall) = (
        width * scene.between(0.28, 0.72),
        scene.between(0.34, 0.44),
        scene.between(0.15, 0.20),
    );
    let cone = scene.chance(0.6);
    let isle = scene.curve(|s, x| {
        let off = ((x - centre) / reach).abs().min(1.0);
        let slope = (1.0 - off * off).max(0.0);
        let crater = if cone {
            0.16 * (1.0 - (off / 0.22).min(1.0))
        } else {
            0.0
        };
        horizon + 0.012
            - tall
                * (slope * (0.62 + 0.30 * s.noise(21, x * 4.0 + shift)) - crater * slope).max(0.0)
    });
    let (rock, grass) = (
        scene.light.near.mix(Colour::hex(0x6e_6a_58), 0.35),
        scene.light.ground,
    );
    let base = horizon + 0.014;
    let (low, high) = (centre - reach, centre + reach);
    let outline: Vec<Point> = (0..=120)
        .map(|i| low + (high - low) * i as f32 / 120.0)
        .map(|x| (x, at(&isle, x)))
        .chain([(high, base), (low, base)])
        .collect();
    scene.canvas.fill_with(&outline, |x, y| {
        let t = (y - horizon + tall) / tall;
        (
            grass
                .mix(rock, 0.25 + 0.5 * ((x - centre) / reach * 0.5 + 0.5))
                .mix(rock.darker(0.15), (t - 0.7).max(0.0) * 1.6),
            1.0,
        )
    });
    scene.canvas.stroke(
        ((low, base), 0.004),
        ((high, base), 0.004),
        Colour::hex(0xf0_e3_be),
        0.9,
    );
    for _ in 0..26 {
        let x = centre + scene.between(-0.75, 0.75) * reach;
        let y = at(&isle, x) + scene.between(0.004, 0.03);
        let leaf = grass.mix(scene.light.near, 0.55);
        let radius = scene.between(0.006, 0.014);
        scene.canvas.disc((x, y.min(horizon)), radius, leaf);
    }
    for _ in 0..5 {
        let x = centre + scene.between(-0.55, 0.55) * reach;
        let roof = scene.pick([Colour::hex(0xc4_5a_3e), Colour::hex(0x4d_7f_9c)]);
        scene.house((x, horizon + 0.008), 0.026, Colour::hex(0xf4_ec_da), roof);
    }
    for band in 0..70 {
        let t = (band as f32 / 70.0).powf(1.4);
        let y = horizon + 0.03 + (0.97 - horizon) * t;
        let x = scene.between(-0.1, width);
        let long = (0.03 + 0.12 * t) * scene.between(0.5, 1.5);
        let glint = scene.light.sun.mix(scene.light.sky[1], 0.4);
        scene
            .canvas
            .fill_with(&oval((x, y), (long, 0.0012 + 0.0035 * t)), |_, _| {
                (glint, 0.50)
            });
    }
    let boats = scene.pick([2, 3, 4]);
    for index in 0..boats {
        let t = (index as f32 + 0.6) / boats as f32;
        let (x, y) = (
            width * ((0.17 + 0.61 * index as f32) % 1.0) + scene.between(-0.08, 0.08),
            horizon + 0.07 + 0.28 * t,
        );
        let size = 0.09 + 0.14 * t;
        let hull = scene.pick([
            Colour::hex(0x1f_6f_a8),
            Colour::hex(0x2e_8a_66),
            Colour::hex(0xb8_3c_36),
        ]);
        scene.canvas.fill_with(
            &oval((x, y + 0.012 * t), (size * 0.58, size * 0.07)),
            |_, _| (hull.darker(0.5), 0.35),
        );
        scene.boat((x, y), size, hull);
    }
    let roll = scene.between(0.0, 6.0);
    for wave in 0..3 {
        let base = 0.86 + 0.06 * wave as f32;
        let swell = |x: f32| {
            base + 0.010 * (x * (7.0 - wave as f32) + roll + wave as f32 * 2.0).sin()
                + 0.006 * (x * 17.0 + roll).sin()
        };
        let tint = sea.mix(shallow, 0.15 + 0.12 * wave as f32);
        scene
            .canvas
            .fill_below(|x| swell(x) - 0.005, Colour::hex(0xf5_fb_fa), tint, 0.016);
        scene
            .canvas
            .fill_below(|x| swell(x) + 0.004, tint, tint.darker(0.10), 0.1);
    }
}

/// Rows of coffee with ripe berries.
pub(super) fn coffee(scene: &mut Scene) {
    let horizon = scene.between(0.42, 0.47);
    scene.backdrop(horizon, 4);
    let earth = Colour::hex(0xa8_5f_3d);
    scene.ground(horizon, earth);
    let leaf = scene.light.near.mix(Colour::hex(0x2f_7d_3a), 0.55);
    rows(scene, horizon, |scene, foot, size| {
        for (dx, dy, r, shade) in [
            (0.0, 0.0, 0.50, 0.30),
            (-0.26, -0.14, 0.38, 0.12),
            (0.26, -0.16, 0.36, 0.18),
            (0.02, -0.32, 0.40, 0.0),
        ] {
            scene.canvas.disc(
                (foot.0 + dx * size, foot.1 + (dy - 0.35) * size),
                r * size,
                leaf.darker(shade),
            );
        }
        scene.canvas.disc(
            (foot.0 - size * 0.10, foot.1 - size * 0.78),
            size * 0.20,
            leaf.lighter(0.16),
        );
        if size > 0.035 {
            for _ in 0..9 {
                let berry = (
                    foot.0 + scene.between(-0.42, 0.42) * size,
                    foot.1 - scene.between(0.12, 0.85) * size,
                );
                scene.canvas.disc(berry, size * 0.048, RIPE);
            }
        }
    });
    let x = scene.width() * scene.between(0.3, 0.7);
    scene.person((x, 0.80), 0.20, Colour::hex(0x3a_5a_8c), true);
    branch(scene, leaf);
}

/// A coffee branch hanging into the picture from an upper corner.
fn branch(scene: &mut Scene, leaf: Colour) {
    let right = scene.chance(0.5);
    let width = scene.width();
    let place = |x: f32| if right { width - x } else { x };
    let node = |t: f32| (place(-0.02 + 0.56 * t), 0.02 + 0.17 * t * t + 0.03 * t);
    for step in 0..20 {
        let (t, u) = (step as f32 / 20.0, (step + 1) as f32 / 20.0);
        scene.canvas.stroke(
            (node(t), 0.016 * (1.2 - t)),
            (node(u), 0.016 * (1.2 - u)),
            Colour::hex(0x5a_43_30),
            1.0,
        );
    }
    for pair in 0..7 {
        let t = 0.08 + pair as f32 * 0.14;
        let root = node(t);
        for (up, tone) in [(-1.0, 0.05), (1.0, 0.22)] {
            let lean = if right { -0.075 } else { 0.075 };
            let tip = (root.0 + lean, root.1 + up * 0.115 + 0.02);
            coffee_leaf(scene, root, tip, leaf.lighter(0.05).darker(tone));
        }
        if pair < 6 {
            for berry in 0..5 {
                let angle = berry as f32 * 1.3 + pair as f32;
                let spot = (
                    root.0 + angle.cos() * 0.020,
                    root.1 + angle.sin() * 0.016 + 0.012,
                );
                let tone = scene.pick([RIPE, RIPE.darker(0.2), RIPE, Colour::hex(0xd8_8a_2e)]);
                scene.canvas.disc(spot, 0.0145, tone);
                scene
                    .canvas
                    .disc((spot.0 - 0.004, spot.1 - 0.005), 0.0038, tone.lighter(0.55));
            }
        }
    }
}

fn coffee_leaf(scene: &mut Scene, root: Point, tip: Point, colour: Colour) {
    let (dx, dy) = (tip.0 - root.0, tip.1 - root.1);
    let half = |sign: f32| {
        (0..=10).map(move |i| i as f32 / 10.0).map(move |t| {
            let bulge = (t * std::f32::consts::PI).sin() * 0.24 * sign;
            (root.0 + dx * t - dy * bulge, root.1 + dy * t + dx * bulge)
        })
    };
    let upper: Vec<Point> = half(1.0).collect();
    let mut whole = upper.clone();
    whole.extend(half(-1.0).collect::<Vec<_>>().into_iter().rev());
    scene.canvas.fill(&whole, colour);
    let mut shaded = upper;
    shaded.push(root);
    scene.canvas.veil(&shaded, colour.lighter(0.25), 0.45);
    scene
        .canvas
        .stroke((root, 0.003), (tip, 0.001), colour.lighter(0.35), 0.8);
}

/// Plants in rows that meet at the horizon; `plant(scene, foot, size)` draws one.
fn rows(scene: &mut Scene, horizon: f32, plant: impl Fn(&mut Scene, Point, f32)) {
    let width = scene.width();
    let vanish = width * scene.between(0.3, 0.7);
    let depth = 17;
    for rank in 0..depth {
        let t = ((rank as f32 + 0.5) / depth as f32).powf(1.7);
        let y = horizon + 0.03 + (1.04 - horizon) * t;
        let gap = 0.020 + 0.26 * t;
        let size = 0.012 + 0.115 * t;
        let lanes = (width / gap) as i32 + 2;
        for lane in -lanes..=lanes {
            let x = vanish + (lane as f32 + 0.5) * gap;
            if x > -0.1 && x < width + 0.1 {
                let sway = scene.between(-0.05, 0.05) * gap;
                plant(scene, (x + sway, y), size);
            }
        }
    }
}

/// A ploughed field with young crops and people at work.
pub(super) fn field(scene: &mut Scene) {
    let horizon = scene.between(0.44, 0.50);
    scene.backdrop(horizon, 4);
    let earth = scene.pick([
        Colour::hex(0xb5_86_58),
        Colour::hex(0xd9_c6_9c),
        Colour::hex(0x9a_6a_48),
    ]);
    scene.ground(horizon, earth);
    forest_edge(scene, horizon + 0.012, 0.075);
    let leaf = scene.light.ground.mix(Colour::hex(0x4f_a5_3c), 0.5);
    rows(scene, horizon, |scene, foot, size| {
        scene.canvas.ellipse(
            (foot.0, foot.1 + size * 0.02),
            (size * 0.9, size * 0.16),
            earth.darker(0.22),
        );
        for blade in -3_i32..=3 {
            let lean = blade as f32 * 0.20;
            let tip = (
                foot.0 + lean * size * 1.15,
                foot.1 - size * (0.95 - 0.09 * (blade * blade) as f32),
            );
            let shade = if blade % 2 == 0 {
                leaf
            } else {
                leaf.darker(0.18)
            };
            scene.canvas.fill(
                &[
                    (foot.0 + lean * size * 0.25 - size * 0.05, foot.1),
                    tip,
                    (foot.0 + lean * size * 0.25 + size * 0.07, foot.1),
                ],
                shade,
            );
        }
    });
    let width = scene.width();
    for (share, y, shirt) in [
        (0.24, 0.67, 0x9c_3f_55),
        (0.33, 0.70, 0x2f_5f_8a),
        (0.72, 0.78, 0x5a_7a_3c),
    ] {
        let x = width * (share + scene.between(-0.05, 0.05));
        scene.person((x, y), 0.06 + (y - 0.5) * 0.42, Colour::hex(shirt), true);
    }
}

/// A flood under rain: roofs, tree tops and a rescue boat.
pub(super) fn flood(scene: &mut Scene) {
    scene.in_storm();
    let horizon = scene.between(0.44, 0.50);
    scene.sky(horizon);
    for _ in 0..7 {
        let place = (
            scene.between(-0.1, scene.width()),
            scene.between(0.08, 0.24),
        );
        let size = scene.between(0.12, 0.2);
        scene.cloud(place, size, Colour::hex(0x5b_68_74));
    }
    scene.hills(horizon, 4, 0.05);
    forest_edge(scene, horizon + 0.015, 0.06);
    let flood = Colour::hex(0x9a_82_66);
    scene.canvas.fill_below(
        |_| horizon,
        flood.mix(scene.light.sky[2], 0.5),
        flood.darker(0.22),
        0.5,
    );
    let width = scene.width();
    let mut standing = Vec::new();
    for index in 0..7 {
        let x = width * (0.08 + 0.14 * index as f32) + scene.between(-0.05, 0.05);
        let y = horizon + scene.between(0.05, 0.30);
        standing.push((x, y, index % 3));
    }
    standing.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (x, y, what) in standing {
        let size = 0.14 + (y - horizon) * 0.6;
        if what == 0 {
            let leaf = scene.light.near.mix(Colour::hex(0x4c_7a_4c), 0.5);
            scene.tree((x, y + size * 0.25), size, leaf);
        } else {
            let roof = scene.pick([
                Colour::hex(0xa8_4a_3c),
                Colour::hex(0x5f_78_86),
                Colour::hex(0x8c_60_44),
            ]);
            scene.house(
                (x, y + size * 0.14),
                size * 1.25,
                Colour::hex(0xd9_cf_bb),
                roof,
            );
        }
        let strip = [
            (x - size * 0.75, y),
            (x + size * 0.75, y),
            (x + size * 0.75, y + size * 0.30),
            (x - size * 0.75, y + size * 0.30),
        ];
        let water = flood.mix(scene.light.sky[2], 0.42 - (y - horizon) * 0.9);
        scene.canvas.fill(&strip, water);
        scene.canvas.stroke(
            ((x - size * 0.62, y), 0.004),
            ((x + size * 0.62, y), 0.004),
            scene.light.mist,
            0.7,
        );
        scene.canvas.veil(
            &[
                (x - size * 0.45, y + 0.004),
                (x + size * 0.45, y + 0.004),
                (x + size * 0.3, y + size * 0.16),
                (x - size * 0.3, y + size * 0.16),
            ],
            flood.darker(0.5),
            0.30,
        );
    }
    for ripple in 0..90 {
        let t = ripple as f32 / 90.0;
        let y = horizon + 0.02 + (0.98 - horizon) * t;
        let (x, long) = (
            scene.between(0.0, width),
            (0.015 + 0.06 * t) * scene.between(0.5, 1.4),
        );
        let tone = if ripple % 2 == 0 {
            flood.lighter(0.30)
        } else {
            flood.darker(0.25)
        };
        scene
            .canvas
            .fill_with(&oval((x, y), (long, 0.0012 + 0.003 * t)), |_, _| {
                (tone, 0.45)
            });
    }
    let (x, y) = (width * scene.between(0.35, 0.65), 0.86);
    for (dx, shirt) in [(-0.09, 0xe8_7a_22), (0.0, 0x3f_62_8c), (0.09, 0xe8_7a_22)] {
        scene.person((x + dx, y - 0.005), 0.16, Colour::hex(shirt), dx == 0.0);
    }
    scene.canvas.fill(
        &[
            (x - 0.22, y - 0.075),
            (x + 0.22, y - 0.075),
            (x + 0.17, y),
            (x - 0.17, y),
        ],
        Colour::hex(0xd6_5a_26),
    );
    scene.canvas.fill(
        &[
            (x - 0.22, y - 0.075),
            (x + 0.22, y - 0.075),
            (x + 0.21, y - 0.055),
            (x - 0.21, y - 0.055),
        ],
        Colour::hex(0xf2_a5_5e),
    );
    scene
        .canvas
        .veil(&oval((x, y + 0.006), (0.21, 0.012)), flood.darker(0.6), 0.4);
    for _ in 0..260 {
        let from = (scene.between(-0.1, width + 0.1), scene.between(-0.1, 1.0));
        let long = scene.between(0.03, 0.08);
        scene.canvas.stroke(
            (from, 0.0016),
            ((from.0 - long * 0.22, from.1 + long), 0.0016),
            scene.light.mist.lighter(0.4),
            0.38,
        );
    }
}

/// Ginseng with its red berries under old trees.
pub(super) fn ginseng(scene: &mut Scene) {
    let deep = Colour::hex(0x14_3a_33);
    let glade = scene.pick([
        Colour::hex(0x9f_cf_9a),
        Colour::hex(0xc9_d9_8f),
        Colour::hex(0x8f_c8_b4),
    ]);
    scene.canvas.gradient(&[
        deep.mix(glade, 0.55),
        deep.mix(glade, 0.75),
        deep.mix(glade, 0.35),
    ]);
    let width = scene.width();
    let sun = width * scene.between(0.3, 0.7);
    scene
        .canvas
        .glow((sun, 0.28), 0.75, glade.lighter(0.6), 0.8);
    for layer in 0..4 {
        let t = layer as f32 / 3.0;
        let bark = glade.mix(deep, 0.35 + 0.45 * t);
        for _ in 0..(9 - layer * 2) {
            let x = scene.between(-0.05, width + 0.05);
            let half = (0.010 + 0.030 * t) * scene.between(0.8, 1.3);
            let lean = scene.between(-0.03, 0.03);
            scene.canvas.stroke(
                ((x + lean, -0.05), half * 1.4),
                ((x, 0.70 + 0.1 * t), half * 2.4),
                bark,
                1.0,
            );
        }
        let shift = scene.between(0.0, 30.0);
        let crowns =
            scene.curve(|s, x| 0.10 - 0.05 * t + 0.07 * s.noise(61 + layer, x * 4.0 + shift));
        let outline: Vec<Point> = (0..=100)
            .map(|i| i as f32 / 100.0 * width)
            .map(|x| (x, at(&crowns, x)))
            .chain([(width, -0.1), (0.0, -0.1)])
            .collect();
        scene
            .canvas
            .veil(&outline, bark.mix(Colour::hex(0x2e_6b_45), 0.4), 0.8);
    }
    for ray in 0..5 {
        let x = sun + (ray as f32 - 2.0) * 0.16;
        let outline = [
            (x - 0.02, 0.0),
            (x + 0.04, 0.0),
            (x + 0.24, 0.85),
            (x + 0.06, 0.85),
        ];
        let tone = glade.lighter(0.7);
        scene
            .canvas
            .fill_with(&outline, |_, y| (tone, 0.20 * (1.0 - y)));
    }
    let moss = Colour::hex(0x3f_7a_3e);
    let shift = scene.between(0.0, 30.0);
    let floor = scene.curve(|s, x| 0.74 + 0.030 * s.noise(81, x * 2.2 + shift));
    scene.canvas.fill_below(
        |x| at(&floor, x),
        moss.lighter(0.12),
        deep.darker(0.25),
        0.26,
    );
    for _ in 0..120 {
        let (x, y) = (scene.between(0.0, width), scene.between(0.76, 1.03));
        let tone = scene.between(0.0, 0.4);
        scene.tuft((x, y), 0.035 + (y - 0.75) * 0.12, moss.darker(tone));
    }
    let main = width * scene.between(0.42, 0.58);
    for (x, y, size) in [
        (main - 0.52, 0.86, 0.34),
        (main + 0.50, 0.88, 0.38),
        (main, 0.95, 0.62),
    ] {
        let x = x + scene.between(-0.05, 0.05);
        ginseng_plant(scene, (x, y), size);
    }
}

fn ginseng_plant(scene: &mut Scene, foot: Point, size: f32) {
    let (x, y) = foot;
    let crown = (x, y - size * 0.52);
    scene.canvas.veil(
        &oval((x, y), (size * 0.18, size * 0.028)),
        Colour::hex(0x10_2a_22),
        0.45,
    );
    scene.canvas.stroke(
        (foot, size * 0.035),
        (crown, size * 0.022),
        Colour::hex(0x7a_9a_4a),
        1.0,
    );
    let leaf = Colour::hex(0x3f_94_48);
    for (order, turn) in [0.10_f32, 0.90, 0.28, 0.72, 0.5].into_iter().enumerate() {
        let angle = std::f32::consts::PI * (1.0 - turn);
        let reach = size * if turn == 0.5 { 0.10 } else { 0.26 };
        let hub = (
            crown.0 + angle.cos() * reach,
            crown.1 - angle.sin() * reach * 0.35 + size * 0.01,
        );
        scene.canvas.stroke(
            (crown, size * 0.016),
            (hub, size * 0.011),
            Colour::hex(0x7a_9a_4a),
            1.0,
        );
        if turn == 0.5 {
            continue;
        }
        let tone = leaf.darker(0.06 * order as f32);
        for finger in [-2.0_f32, 2.0, -1.0, 1.0, 0.0] {
            let spread = angle + finger * 0.52;
            let long = size * (0.30 - 0.035 * finger.abs());
            let droop = size * 0.055 * finger.abs();
            let tip = (
                hub.0 + spread.cos() * long,
                hub.1 - spread.sin() * long * 0.55 + droop,
            );
            coffee_leaf(scene, hub, tip, tone.lighter(0.05 * finger.abs()));
        }
    }
    let head = (x, y - size * 0.86);
    scene.canvas.stroke(
        (crown, size * 0.018),
        (head, size * 0.012),
        Colour::hex(0x8f_a8_52),
        1.0,
    );
    for berry in 0..22 {
        let angle = berry as f32 * 2.4;
        let reach = size * 0.020 * (berry as f32).sqrt();
        let spot = (
            head.0 + angle.cos() * reach,
            head.1 + angle.sin() * reach * 0.85,
        );
        let tone = if berry % 4 == 0 {
            RIPE.darker(0.22)
        } else {
            RIPE
        };
        scene.canvas.disc(spot, size * 0.024, tone);
        scene.canvas.disc(
            (spot.0 - size * 0.007, spot.1 - size * 0.009),
            size * 0.006,
            tone.lighter(0.6),
        );
    }
}

/// A flowering meadow.
pub(super) fn meadow(scene: &mut Scene) {
    let horizon = scene.between(0.48, 0.54);
    scene.backdrop(horizon, 4);
    let width = scene.width();
    let grass = scene.light.ground.lighter(0.08);
    let petals = scene.pick([
        [0xf2_6d_8f, 0xff_ff_f6, 0xf9_c8_2f],
        [0xb0_6f_d0, 0xf6_a6_c8, 0xff_ff_f6],
        [0xf5_b8_20, 0xf0_7a_3a, 0xff_f3_d0],
    ]);
    for layer in 0..4 {
        let t = layer as f32 / 3.0;
        let base = horizon + 0.02 + 0.30 * t * t + 0.05 * t;
        let shift = scene.between(0.0, 40.0);
        let table = scene
            .curve(|s, x| base - (0.045 + 0.03 * t) * s.noise(31 + layer * 3, x * 1.1 + shift));
        if layer == 1 || layer == 2 {
            for _ in 0..9 {
                let x = scene.between(0.0, width);
                let tall = 0.08 + 0.10 * t * scene.between(0.6, 1.2);
                let needle = scene.light.near.mix(grass, 0.25);
                scene.pine((x, at(&table, x) + 0.01), tall, needle);
            }
        }
        let tone = grass.mix(scene.light.near, 0.10 + 0.16 * t);
        scene
            .canvas
            .fill_below(|x| at(&table, x), tone.lighter(0.20 - 0.12 * t), tone, 0.25);
        for _ in 0..(220 + 120 * layer) {
            let x = scene.between(0.0, width);
            let deep = scene.between(0.01, 0.13 + 0.1 * t);
            let colour = Colour::hex(scene.pick(petals));
            let size = 0.0022 + 0.0035 * t;
            scene
                .canvas
                .disc((x, at(&table, x) + deep), size, colour.mix(tone, 0.15));
        }
    }
    for _ in 0..130 {
        let (x, y) = (scene.between(0.0, width), scene.between(0.90, 1.06));
        let tone = grass.mix(scene.light.near, 0.45);
        scene.tuft((x, y), 0.08, tone);
    }
    for _ in 0..46 {
        let (x, y) = (scene.between(0.0, width), scene.between(0.80, 1.0));
        let colour = Colour::hex(scene.pick(petals));
        flower((x, y), 0.012 + (y - 0.78) * 0.10, colour, scene);
    }
}

fn flower(centre: Point, size: f32, petal: Colour, scene: &mut Scene) {
    let (x, y) = centre;
    scene.canvas.stroke(
        (centre, size * 0.18),
        ((x + size * 0.3, y + size * 4.0), size * 0.25),
        scene.light.near.mix(scene.light.ground, 0.5),
        1.0,
    );
    let turn = scene.between(0.0, 1.0);
    for leaf in 0..6 {
        let angle = turn + leaf as f32 / 6.0 * std::f32::consts::TAU;
        let spot = (x + angle.cos() * size * 0.62, y + angle.sin() * size * 0.5);
        let shade = if leaf % 2 == 0 {
            petal
        } else {
            petal.darker(0.08)
        };
        scene
            .canvas
            .ellipse(spot, (size * 0.46, size * 0.40), shade);
    }
    let heart = if petal == Colour::hex(0xf9_c8_2f) || petal == Colour::hex(0xf5_b8_20) {
        Colour::hex(0x8a_4a_20)
    } else {
        Colour::hex(0xf7_c2_2e)
    };
    scene.canvas.disc(centre, size * 0.30, heart);
}
