//! Village life: the communal house, the gong festival, the market.

use super::canvas::{Colour, Point, oval};
use super::course::Course;
use super::nature::forest_edge;
use super::scene::Scene;

const GOLD: Colour = Colour::hex(0xf7_cf_3f);
const RED: Colour = Colour::hex(0xc8_34_2c);
const WHITE: Colour = Colour::hex(0xfb_fa_f4);
const INK: Colour = Colour::hex(0x33_3f_4c);

/// A communal house in its village.
pub(super) fn communal_house(scene: &mut Scene) {
    scene.maybe_evening();
    let horizon = scene.between(0.56, 0.62);
    scene.sky(horizon);
    scene.hills(horizon, 4, 0.06);
    scene.mist(horizon - 0.02, 0.06, 0.5);
    let earth = scene.light.ground.mix(Colour::hex(0xc9_a0_6c), 0.35);
    scene.ground(horizon, earth);
    forest_edge(scene, horizon + 0.02, 0.12);
    let width = scene.width();
    let middle = width * scene.between(0.40, 0.60);
    let path = Course {
        far: (middle, 0.84),
        near: width * scene.between(0.35, 0.65),
        bend: 0.05,
    };
    scene.canvas.fill(
        &path.outline((0.07, 0.40)),
        Colour::hex(0xdb_bf_90).mix(earth, 0.25),
    );
    for side in [-1.0, 1.0] {
        let x = middle + side * scene.between(0.50, 0.62);
        let size = scene.between(0.15, 0.19);
        for leg in [-0.3, 0.0, 0.3] {
            scene
                .canvas
                .line((x + leg * size, 0.76), (x + leg * size, 0.72), 0.008, INK);
        }
        scene.house(
            (x, 0.73),
            size,
            Colour::hex(0xa9_7c_50),
            Colour::hex(0x8b_62_42),
        );
        let leaf = scene.light.near.mix(scene.light.ground, 0.5);
        scene.tree((x + side * 0.16, 0.76), 0.24, leaf);
        scene.palm((x - side * 0.12, 0.75), 0.22, leaf);
    }
    scene.canvas.veil(
        &oval((middle, 0.845), (0.36, 0.030)),
        scene.light.near,
        0.30,
    );
    let thatch = scene.pick([
        Colour::hex(0xb8_8d_52),
        Colour::hex(0xa8_7a_48),
        Colour::hex(0xc4_9c_60),
    ]);
    scene.communal_house((middle, 0.84), 0.66, thatch);
    let side = scene.pick([-1.0, 1.0]);
    scene.festival_pole((middle + side * 0.36, 0.90), 0.52);
    for (dx, y, shirt) in [
        (-0.16, 0.92, 0x8f_2f_3a),
        (0.13, 0.93, 0x27_3f_66),
        (0.19, 0.935, 0x9a_3b_43),
    ] {
        scene.person((middle + dx, y), 0.12, Colour::hex(shirt), false);
    }
    for _ in 0..50 {
        let (x, y) = (scene.between(0.0, width), scene.between(0.93, 1.04));
        if (x - middle).abs() > 0.35 {
            let blade = scene.light.ground.darker(0.3);
            scene.tuft((x, y), 0.05, blade);
        }
    }
}

/// Gongs around the fire at night.
pub(super) fn gong_festival(scene: &mut Scene) {
    scene.by_night();
    let width = scene.width();
    let horizon = 0.62;
    scene.canvas.gradient(&[
        scene.light.sky[0],
        scene.light.sky[1],
        scene.light.sky[2],
        scene.light.sky[2],
    ]);
    for _ in 0..170 {
        let (x, y) = (scene.between(0.0, width), scene.between(0.0, 0.5));
        let size = scene.between(0.0008, 0.0022);
        scene.canvas.glow((x, y), size * 2.6, WHITE, 0.9);
    }
    let moon = (
        width * scene.pick([0.16, 0.24, 0.78, 0.86]),
        scene.between(0.12, 0.22),
    );
    scene.canvas.glow(moon, 0.34, scene.light.sun, 0.35);
    scene.canvas.disc(moon, 0.055, scene.light.sun);
    scene.canvas.disc(
        (moon.0 + 0.015, moon.1 - 0.012),
        0.010,
        scene.light.sun.darker(0.10),
    );
    scene.hills(horizon, 3, 0.02);
    scene.ground(horizon, Colour::hex(0x4a_33_2e));
    forest_edge(scene, horizon + 0.02, 0.13);
    let middle = width * scene.between(0.44, 0.56);
    let house = middle + scene.pick([-0.46, 0.46]);
    scene.communal_house((house, 0.70), 0.58, Colour::hex(0x6b_4a_36));
    scene.festival_pole((middle + (middle - house) * 0.25, 0.76), 0.60);
    let fire = (middle, 0.80);
    let flame = Colour::hex(0xff_a1_3c);
    scene.canvas.glow(fire, 0.80, flame, 0.60);
    scene.canvas.glow(fire, 0.36, Colour::hex(0xff_d0_70), 0.75);
    let ring: Vec<(f32, f32)> = (0..22)
        .map(|i| i as f32 / 22.0 * std::f32::consts::TAU)
        .map(|angle| (angle.cos() * 0.52, angle.sin() * 0.115))
        .collect();
    let figures = |scene: &mut Scene, behind: bool| {
        for (index, &(dx, dy)) in ring.iter().enumerate() {
            if (dy < 0.0) == behind {
                let size = 0.155 + dy * 0.55;
                gong_player(
                    scene,
                    (middle + dx, 0.815 + dy),
                    size,
                    behind,
                    index % 3 != 2,
                    dx < 0.0,
                );
            }
        }
    };
    figures(scene, true);
    bonfire(scene, fire);
    figures(scene, false);
    for _ in 0..70 {
        let rise = scene.between(0.0, 1.0);
        let spark = (
            fire.0 + scene.between(-0.22, 0.22) * rise,
            fire.1 - 0.10 - rise * 0.5,
        );
        scene
            .canvas
            .disc(spark, 0.0022 * (1.3 - rise), Colour::hex(0xff_c8_6a));
    }
}

fn bonfire(scene: &mut Scene, fire: Point) {
    let (x, y) = fire;
    for (dx, lean) in [(-0.06, 0.07), (0.06, -0.07), (-0.02, 0.05), (0.03, -0.05)] {
        scene.canvas.line(
            (x + dx, y + 0.025),
            (x + dx + lean, y - 0.035),
            0.016,
            Colour::hex(0x4a_2c_20),
        );
    }
    for (scale, colour) in [
        (1.0, 0xf2_5c_22),
        (0.74, 0xff_8f_2e),
        (0.50, 0xff_c2_4a),
        (0.28, 0xff_f0_b8),
    ] {
        for (dx, tall) in [(-0.040, 0.12), (0.0, 0.20), (0.042, 0.14)] {
            let sway = scene.between(-0.018, 0.018);
            let (half, tall) = (0.042 * scale, tall * scale);
            let base = (x + dx * scale, y + 0.012);
            scene.canvas.fill(
                &[
                    (base.0 - half * 0.55, base.1),
                    (base.0 - half, base.1 - tall * 0.28),
                    (base.0 - half * 0.45, base.1 - tall * 0.62),
                    (base.0 + sway, base.1 - tall),
                    (base.0 + half * 0.5, base.1 - tall * 0.60),
                    (base.0 + half, base.1 - tall * 0.25),
                    (base.0 + half * 0.55, base.1),
                ],
                Colour::hex(colour),
            );
        }
    }
}

fn gong_player(scene: &mut Scene, foot: Point, size: f32, behind: bool, gong: bool, left: bool) {
    let (x, y) = foot;
    let cloth = if behind {
        Colour::hex(0x7c_2f_30)
    } else {
        Colour::hex(0x2b_18_1e)
    };
    let skin = if behind {
        Colour::hex(0xd8_96_60)
    } else {
        Colour::hex(0x4a_2a_22)
    };
    let rim = Colour::hex(0xff_b4_5a);
    let half = size * 0.14;
    scene.canvas.line(
        (x - half * 0.5, y),
        (x - half * 0.4, y - size * 0.4),
        size * 0.07,
        skin,
    );
    scene.canvas.line(
        (x + half * 0.5, y),
        (x + half * 0.4, y - size * 0.4),
        size * 0.07,
        skin,
    );
    scene.canvas.fill(
        &[
            (x - half * 0.9, y - size * 0.80),
            (x + half * 0.9, y - size * 0.80),
            (x + half * 1.2, y - size * 0.28),
            (x - half * 1.2, y - size * 0.28),
        ],
        cloth,
    );
    for band in [0.34, 0.46, 0.70] {
        scene.canvas.line(
            (x - half * 1.05, y - size * band),
            (x + half * 1.05, y - size * band),
            size * 0.022,
            if behind {
                GOLD
            } else {
                Colour::hex(0x7a_3a_2a)
            },
        );
    }
    scene.canvas.disc((x, y - size * 0.90), size * 0.10, skin);
    scene.canvas.ellipse(
        (x, y - size * 0.94),
        (size * 0.105, size * 0.065),
        Colour::hex(0x17_10_12),
    );
    scene.canvas.line(
        (x - size * 0.10, y - size * 0.915),
        (x + size * 0.10, y - size * 0.915),
        size * 0.022,
        RED,
    );
    if !behind {
        let inner = if left { 1.0 } else { -1.0 };
        scene.canvas.stroke(
            ((x + inner * half * 0.9, y - size * 0.80), size * 0.02),
            ((x + inner * half * 1.2, y - size * 0.28), size * 0.02),
            rim,
            0.75,
        );
    }
    if gong {
        let side = if left { 1.0 } else { -1.0 };
        let spot = (x + side * half * 1.5, y - size * 0.50);
        let bronze = if behind {
            Colour::hex(0xd9_a0_4a)
        } else {
            Colour::hex(0x8a_5c_2c)
        };
        scene.canvas.line(
            (x + side * half * 0.8, y - size * 0.74),
            (spot.0, spot.1),
            size * 0.06,
            skin,
        );
        scene
            .canvas
            .ellipse(spot, (size * 0.135, size * 0.165), bronze.darker(0.35));
        scene.canvas.ellipse(
            (spot.0 - side * size * 0.012, spot.1),
            (size * 0.115, size * 0.145),
            bronze,
        );
        scene.canvas.ellipse(
            (spot.0 - side * size * 0.012, spot.1),
            (size * 0.045, size * 0.055),
            bronze.lighter(0.3),
        );
    }
}

/// A market day: stalls under coloured awnings.
pub(super) fn market(scene: &mut Scene) {
    let horizon = scene.between(0.46, 0.52);
    scene.backdrop(horizon, 4);
    let earth = Colour::hex(0xd8_b8_8a);
    scene.ground(horizon, earth);
    forest_edge(scene, horizon + 0.02, 0.12);
    let width = scene.width();
    for row in 0..2 {
        let size = 0.21 + 0.13 * row as f32;
        let y = horizon + 0.19 + 0.19 * row as f32;
        let mut x = scene.between(-0.08, 0.02) + size * 0.3;
        while x < width + size * 0.5 {
            stall(scene, (x, y), size);
            x += size * scene.between(1.08, 1.22);
        }
        for _ in 0..(9 + row * 2) {
            let at = (
                scene.between(0.0, width),
                y + 0.05 + scene.between(0.0, 0.06),
            );
            let shirt = Colour::hex(scene.pick([
                0xb5_3f_4a, 0x2f_5f_93, 0x3f_7a_5a, 0x7a_4a_8a, 0xe0_a0_3a, 0x30_30_44,
            ]));
            let hat = scene.chance(0.5);
            scene.person(at, size * 0.60, shirt, hat);
        }
    }
    for _ in 0..5 {
        let at = (scene.between(0.0, width), scene.between(0.96, 1.0));
        basket(scene, at, 0.10);
    }
}

fn stall(scene: &mut Scene, foot: Point, size: f32) {
    let (x, y) = foot;
    let half = size * 0.48;
    let top = y - size * 0.78;
    for side in [-0.9, 0.9] {
        scene.canvas.line(
            (x + side * half, y),
            (x + side * half, top),
            size * 0.025,
            Colour::hex(0x7a_58_3c),
        );
    }
    scene.canvas.veil(
        &[
            (x - half, top),
            (x + half, top),
            (x + half, y),
            (x - half, y),
        ],
        INK,
        0.16,
    );
    let seller = Colour::hex(scene.pick([0x8a_2f_3f, 0x2f_4f_7f, 0x4f_6f_3f]));
    let place = (x + scene.between(-0.2, 0.2) * size, y - size * 0.05);
    let hat = scene.chance(0.5);
    scene.person(place, size * 0.58, seller, hat);
    scene.canvas.rect(
        (x - half * 0.95, y - size * 0.26),
        (half * 1.9, size * 0.26),
        Colour::hex(0xa8_7a_4e),
    );
    scene.canvas.rect(
        (x - half, y - size * 0.29),
        (half * 2.0, size * 0.045),
        Colour::hex(0xc8_9a_68),
    );
    for heap in 0..4 {
        let middle = x - half * 0.72 + heap as f32 * half * 0.48;
        let goods = Colour::hex(scene.pick([
            0xe0_53_3a, 0xf2_a9_33, 0x6f_a8_4a, 0x8a_4f_9a, 0xf3_e6_b8, 0xc9_3a_4a,
        ]));
        for (dx, dy) in [
            (-0.055, 0.0),
            (0.0, 0.0),
            (0.055, 0.0),
            (-0.028, 0.045),
            (0.028, 0.045),
            (0.0, 0.088),
        ] {
            let spot = (middle + dx * size, y - size * 0.315 - dy * size);
            scene.canvas.disc(spot, size * 0.034, goods);
            scene.canvas.disc(
                (spot.0 - size * 0.009, spot.1 - size * 0.010),
                size * 0.010,
                goods.lighter(0.5),
            );
        }
    }
    let cloth =
        Colour::hex(scene.pick([0xd9_4f_3f, 0x2f_86_a8, 0xe8_a8_30, 0x4a_94_5f, 0x9a_5a_9c]));
    let stripes = 8;
    let peak = top - size * 0.16;
    for stripe in 0..stripes {
        let (a, b) = (
            stripe as f32 / stripes as f32,
            (stripe + 1) as f32 / stripes as f32,
        );
        let low = |t: f32| x - half * 1.18 + half * 2.36 * t;
        let high = |t: f32| x - half * 0.92 + half * 1.84 * t;
        let colour = if stripe % 2 == 0 { cloth } else { WHITE };
        scene.canvas.fill(
            &[
                (low(a), top),
                (high(a), peak),
                (high(b), peak),
                (low(b), top),
            ],
            colour,
        );
        let middle = (low(a) + low(b)) / 2.0;
        scene.canvas.ellipse(
            (middle, top),
            ((low(b) - low(a)) / 2.0, size * 0.035),
            colour.darker(0.08),
        );
    }
}

fn basket(scene: &mut Scene, foot: Point, size: f32) {
    let (x, y) = foot;
    let cane = Colour::hex(0xb0_7f_48);
    for _ in 0..14 {
        let leaf = Colour::hex(scene.pick([0x5a_9a_45, 0x7f_b5_52, 0xe0_8a_3a]));
        let spot = (
            x + scene.between(-0.36, 0.36) * size,
            y - size * scene.between(0.55, 0.82),
        );
        scene.canvas.disc(spot, size * 0.13, leaf);
    }
    scene.canvas.fill(
        &[
            (x - size * 0.48, y - size * 0.55),
            (x + size * 0.48, y - size * 0.55),
            (x + size * 0.34, y),
            (x - size * 0.34, y),
        ],
        cane,
    );
    for hoop in 0..4 {
        let t = hoop as f32 / 3.0;
        let half = size * (0.34 + 0.14 * t);
        scene.canvas.line(
            (x - half, y - size * 0.55 * t),
            (x + half, y - size * 0.55 * t),
            size * 0.03,
            cane.darker(0.28),
        );
    }
}
