//! Public places: schools, health stations, halls, roads and the border gate.

use super::canvas::{Colour, Point, oval};
use super::course::Course;
use super::nature::forest_edge;
use super::scene::Scene;

const CREAM: Colour = Colour::hex(0xf7_ec_d2);
const GLASS: Colour = Colour::hex(0x8f_b9_c9);
const TILE: Colour = Colour::hex(0xc0_52_3c);
const GOLD: Colour = Colour::hex(0xf7_cf_3f);
const RED: Colour = Colour::hex(0xc8_34_2c);
const WHITE: Colour = Colour::hex(0xfb_fa_f4);
// Green: the red cross on white is a protected emblem.
const CROSS: Colour = Colour::hex(0x1f_8a_5c);
const INK: Colour = Colour::hex(0x33_3f_4c);

/// A school with its flag in the yard.
pub(super) fn school(scene: &mut Scene) {
    let roof = scene.pick([TILE, Colour::hex(0xb3_44_38), Colour::hex(0xa8_4a_34)]);
    let (middle, _) = campus(scene, roof, 2);
    scene.flag((middle - 0.34, 0.90), 0.52);
    scene.canvas.rect(
        (middle - 0.38, 0.89),
        (0.08, 0.025),
        Colour::hex(0xd9_d4_c4),
    );
    for index in 0..9 {
        let x = middle - 0.12 + index as f32 * 0.075 + scene.between(-0.015, 0.015);
        let y = 0.90 + scene.between(-0.02, 0.04);
        let shirt = scene.pick([
            WHITE,
            WHITE,
            Colour::hex(0x3f_6f_b0),
            Colour::hex(0xd9_4a_3f),
        ]);
        scene.person((x, y), 0.095, shirt, false);
    }
}

/// A commune's health station.
pub(super) fn health_station(scene: &mut Scene) {
    let (middle, top) = campus(scene, Colour::hex(0x3f_8f_6c), 1);
    let sign = (middle, top - 0.11);
    scene.canvas.disc(sign, 0.060, Colour::hex(0xe6_ef_ea));
    scene.canvas.disc(sign, 0.052, WHITE);
    scene
        .canvas
        .rect((sign.0 - 0.012, sign.1 - 0.035), (0.024, 0.070), CROSS);
    scene
        .canvas
        .rect((sign.0 - 0.035, sign.1 - 0.012), (0.070, 0.024), CROSS);
    let side = scene.pick([-1.0, 1.0]);
    ambulance(scene, (middle + side * 0.52, 0.905), 0.26);
    for (dx, shirt, hat) in [
        (-0.10, 0xf7_fa_fa, false),
        (0.02, 0x8a_3f_6a, true),
        (0.09, 0x3f_6f_5a, false),
    ] {
        scene.person(
            (middle + dx - side * 0.12, 0.90),
            0.12,
            Colour::hex(shirt),
            hat,
        );
    }
}

/// A long building with a yard and trees; answers with its middle and the height of its eaves.
fn campus(scene: &mut Scene, roof: Colour, floors: usize) -> (f32, f32) {
    let horizon = scene.between(0.58, 0.62);
    scene.sky(horizon);
    scene.hills(horizon, 4, 0.04);
    let grass = scene.light.ground;
    scene.ground(horizon, grass);
    forest_edge(scene, horizon + 0.03, 0.14);
    let width = scene.width();
    let middle = width * scene.between(0.46, 0.54);
    let yard = Colour::hex(0xe2_cf_a8).mix(grass, 0.12);
    scene.canvas.fill(
        &[
            (middle - 0.62, 0.80),
            (middle + 0.62, 0.80),
            (middle + 0.95, 1.02),
            (middle - 0.95, 1.02),
        ],
        yard,
    );
    let leaf = scene.light.near.mix(grass, 0.5);
    for dx in [-0.78, -0.66, 0.66, 0.80] {
        let size = scene.between(0.24, 0.32);
        scene.tree((middle + dx, 0.80), size, leaf);
    }
    let (half, storey) = (0.56, 0.135);
    let top = 0.80 - storey * floors as f32;
    let wall = scene.pick([CREAM, Colour::hex(0xf6_e3_b4), Colour::hex(0xee_f1_e6)]);
    scene
        .canvas
        .rect((middle - half, top), (half * 2.0, 0.80 - top), wall);
    scene.canvas.rect(
        (middle - half, 0.775),
        (half * 2.0, 0.030),
        Colour::hex(0xb9_a8_8c),
    );
    for floor in 0..floors {
        let y = 0.80 - storey * (floor + 1) as f32;
        for bay in 0..10 {
            let x = middle - half + 0.022 + bay as f32 * (half * 2.0 - 0.02) / 10.0;
            let door = bay % 3 == 1;
            scene.canvas.rect(
                (x, y + 0.034),
                (0.066, if door { storey - 0.058 } else { 0.058 }),
                if door { Colour::hex(0x6d_8c_7a) } else { GLASS },
            );
            scene
                .canvas
                .line((x + 0.033, y + 0.034), (x + 0.033, y + 0.092), 0.004, wall);
            scene.canvas.veil(
                &[(x, y + 0.034), (x + 0.03, y + 0.034), (x, y + 0.08)],
                WHITE,
                0.45,
            );
        }
        scene.canvas.rect(
            (middle - half - 0.01, y + storey - 0.020),
            (half * 2.0 + 0.02, 0.012),
            wall.darker(0.22),
        );
        scene.canvas.veil(
            &[
                (middle - half, y),
                (middle + half, y),
                (middle + half, y + 0.022),
                (middle - half, y + 0.022),
            ],
            INK,
            0.22,
        );
        for post in 0..=10 {
            let x = middle - half + post as f32 * half / 5.0;
            scene
                .canvas
                .line((x, y), (x, y + storey), 0.008, wall.lighter(0.5));
        }
    }
    scene.canvas.fill(
        &[
            (middle - half - 0.05, top),
            (middle - half + 0.03, top - 0.095),
            (middle + half - 0.03, top - 0.095),
            (middle + half + 0.05, top),
        ],
        roof,
    );
    for line in 1..5 {
        let t = line as f32 / 5.0;
        scene.canvas.line(
            (middle - half - 0.05 + 0.08 * t, top - 0.095 * t),
            (middle + half + 0.05 - 0.08 * t, top - 0.095 * t),
            0.003,
            roof.darker(0.22),
        );
    }
    scene.canvas.rect(
        (middle - 0.11, top - 0.03),
        (0.22, 0.80 - top + 0.03),
        wall.lighter(0.4),
    );
    scene.canvas.fill(
        &[
            (middle - 0.15, top - 0.03),
            (middle, top - 0.165),
            (middle + 0.15, top - 0.03),
        ],
        roof.darker(0.06),
    );
    scene.canvas.rect(
        (middle - 0.055, 0.68),
        (0.11, 0.12),
        Colour::hex(0x4d_6a_70),
    );
    scene
        .canvas
        .line((middle, 0.68), (middle, 0.80), 0.005, wall);
    scene.canvas.fill(
        &[
            (middle - 0.14, 0.80),
            (middle + 0.14, 0.80),
            (middle + 0.18, 0.835),
            (middle - 0.18, 0.835),
        ],
        Colour::hex(0xc9_bd_a6),
    );
    if floors > 1 {
        scene.star((middle, top - 0.080), 0.024, GOLD);
    }
    for _ in 0..40 {
        let x = scene.between(0.0, width);
        if (x - middle).abs() > 0.75 {
            let blade = grass.darker(0.25);
            let y = scene.between(0.86, 1.02);
            scene.tuft((x, y), 0.05, blade);
        }
    }
    (middle, top)
}

fn ambulance(scene: &mut Scene, foot: Point, size: f32) {
    let (x, y) = foot;
    let (half, top) = (size * 0.5, y - size * 0.44);
    scene
        .canvas
        .veil(&oval((x, y), (half * 1.05, size * 0.035)), INK, 0.35);
    scene.canvas.fill(
        &[
            (x - half, y - size * 0.08),
            (x - half, top),
            (x + half * 0.40, top),
            (x + half * 0.72, y - size * 0.27),
            (x + half, y - size * 0.22),
            (x + half, y - size * 0.08),
        ],
        WHITE,
    );
    scene.canvas.fill(
        &[
            (x + half * 0.18, top + size * 0.05),
            (x + half * 0.38, top + size * 0.05),
            (x + half * 0.62, y - size * 0.26),
            (x + half * 0.18, y - size * 0.26),
        ],
        GLASS,
    );
    scene
        .canvas
        .rect((x - half, y - size * 0.21), (size, size * 0.045), RED);
    scene.canvas.rect(
        (x - half * 0.55, top + size * 0.06),
        (size * 0.035, size * 0.12),
        CROSS,
    );
    scene.canvas.rect(
        (x - half * 0.55 - size * 0.0425, top + size * 0.1025),
        (size * 0.12, size * 0.035),
        CROSS,
    );
    scene.canvas.rect(
        (x + half * 0.05, top - size * 0.04),
        (size * 0.10, size * 0.04),
        Colour::hex(0x3f_7f_d0),
    );
    for wheel in [-0.58, 0.58] {
        scene
            .canvas
            .disc((x + wheel * half, y - size * 0.07), size * 0.085, INK);
        scene.canvas.disc(
            (x + wheel * half, y - size * 0.07),
            size * 0.038,
            Colour::hex(0xb9_c0_c4),
        );
    }
}

/// A hall set for a conference.
pub(super) fn hall(scene: &mut Scene) {
    let width = scene.width();
    let wall = scene.pick([
        Colour::hex(0xe9_d8_b8),
        Colour::hex(0xdd_d6_c6),
        Colour::hex(0xd4_dd_d6),
    ]);
    scene
        .canvas
        .gradient(&[wall.darker(0.12), wall, wall.lighter(0.2)]);
    let middle = width / 2.0;
    let curtain = scene.pick([
        Colour::hex(0xa9_26_2e),
        Colour::hex(0xb8_2f_2c),
        Colour::hex(0x96_24_36),
    ]);
    scene.canvas.fill_with(
        &[
            (middle - 0.66, 0.06),
            (middle + 0.66, 0.06),
            (middle + 0.66, 0.62),
            (middle - 0.66, 0.62),
        ],
        |x, y| {
            let fold = ((x * 46.0).sin() * 0.5 + 0.5) * 0.26;
            (curtain.darker(fold).darker((y - 0.1) * 0.2), 1.0)
        },
    );
    scene.canvas.rect(
        (middle - 0.70, 0.04),
        (1.40, 0.045),
        Colour::hex(0x8a_5a_34),
    );
    scene
        .canvas
        .rect((middle - 0.70, 0.080), (1.40, 0.006), GOLD);
    for tassel in 0..=34 {
        let x = middle - 0.66 + tassel as f32 * 1.32 / 34.0;
        scene
            .canvas
            .stroke(((x, 0.086), 0.012), ((x, 0.12), 0.002), GOLD, 0.9);
    }
    scene.canvas.glow((middle, 0.28), 0.30, GOLD, 0.30);
    scene.star((middle, 0.27), 0.085, GOLD);
    for side in [-1.0, 1.0] {
        for pair in 0..2 {
            let x = middle + side * (0.80 + 0.10 * pair as f32);
            if (x - width / 2.0).abs() < width / 2.0 - 0.05 {
                scene.flag((x - 0.04, 0.64), 0.40);
            }
        }
    }
    let lamp = scene.light.sun;
    for index in 0..6 {
        let x = width * (index as f32 + 0.5) / 6.0;
        scene.canvas.glow((x, 0.0), 0.24, lamp, 0.55);
    }
    let stage = Colour::hex(0x9a_6a_42);
    scene
        .canvas
        .fill_below(|_| 0.60, stage.lighter(0.16), stage.darker(0.12), 0.08);
    scene
        .canvas
        .fill_below(|_| 0.675, stage.darker(0.35), stage.darker(0.5), 0.06);
    let table = Colour::hex(0xf3_ef_e6);
    let board = width * 0.5 + scene.pick([-0.62, 0.62]);
    for seat in 0..5 {
        let x = middle - 0.32 + seat as f32 * 0.16;
        let suit = scene.pick([
            INK,
            Colour::hex(0x4a_58_72),
            Colour::hex(0x7a_2f_44),
            Colour::hex(0x2f_4f_4a),
        ]);
        scene.person((x, 0.64), 0.17, suit, false);
    }
    scene
        .canvas
        .rect((middle - 0.46, 0.555), (0.92, 0.085), table);
    scene
        .canvas
        .rect((middle - 0.46, 0.555), (0.92, 0.018), table.darker(0.10));
    for fold in 0..12 {
        let x = middle - 0.44 + fold as f32 * 0.08;
        scene
            .canvas
            .line((x, 0.575), (x, 0.64), 0.004, table.darker(0.14));
    }
    for bunch in [-0.30, 0.0, 0.30] {
        bouquet(scene, (middle + bunch, 0.555), 0.035);
    }
    scene.person((board, 0.645), 0.19, INK, false);
    scene.canvas.fill(
        &[
            (board - 0.075, 0.52),
            (board + 0.075, 0.52),
            (board + 0.060, 0.655),
            (board - 0.060, 0.655),
        ],
        Colour::hex(0x7d_4c_2c),
    );
    scene.canvas.rect(
        (board - 0.085, 0.51),
        (0.17, 0.016),
        Colour::hex(0x9c_66_3e),
    );
    scene.star((board, 0.585), 0.026, GOLD);
    bouquet(scene, (board, 0.655), 0.045);
    for row in 0..4 {
        let t = row as f32 / 3.0;
        let y = 0.78 + 0.085 * row as f32;
        let size = 0.085 + 0.045 * t;
        let gap = size * 1.25;
        let offset = if row % 2 == 0 { 0.0 } else { gap * 0.5 };
        let mut x = offset - gap;
        while x < width + gap {
            if (x - middle).abs() > 0.05 + 0.05 * t {
                let suit = scene.pick([
                    INK,
                    Colour::hex(0x5a_66_7c),
                    WHITE.darker(0.1),
                    Colour::hex(0x8c_3f_4c),
                    Colour::hex(0x3c_62_5c),
                ]);
                scene.canvas.ellipse(
                    (x, y + size * 0.55),
                    (size * 0.50, size * 0.50),
                    suit.darker(0.12),
                );
                scene
                    .canvas
                    .disc((x, y - size * 0.08), size * 0.23, Colour::hex(0x2a_25_25));
                let back = Colour::hex(0x8a_34_34).darker(0.15 * (1.0 - t));
                scene.canvas.rect(
                    (x - size * 0.48, y + size * 0.38),
                    (size * 0.96, size * 0.9),
                    back,
                );
            }
            x += gap;
        }
    }
}

fn bouquet(scene: &mut Scene, foot: Point, size: f32) {
    for _ in 0..16 {
        let spot = (
            foot.0 + scene.between(-1.1, 1.1) * size,
            foot.1 - scene.between(0.0, 1.0) * size,
        );
        let petal = scene.pick([
            Colour::hex(0xf3_86_a0),
            Colour::hex(0xf9_d0_4a),
            WHITE,
            Colour::hex(0x4f_8f_4a),
            Colour::hex(0x4f_8f_4a),
        ]);
        scene.canvas.disc(spot, size * 0.26, petal);
    }
}

/// A road winding through the hills.
pub(super) fn road(scene: &mut Scene) {
    scene.maybe_evening();
    let horizon = scene.between(0.50, 0.55);
    scene.backdrop(horizon, 5);
    let grass = scene.light.ground;
    scene.ground(horizon, grass);
    let width = scene.width();
    let course = Course {
        far: (width * scene.between(0.42, 0.58), horizon + 0.01),
        near: width * scene.between(0.42, 0.58),
        bend: scene.pick([-1.0, 1.0]) * scene.between(0.13, 0.20),
    };
    let lanes = (0.010, 0.62);
    forest_edge(scene, horizon + 0.015, 0.07);
    let shoulder = Colour::hex(0xc9_ab_7e).mix(grass, 0.2);
    scene.canvas.fill(&course.outline((0.016, 0.74)), shoulder);
    let asphalt = Colour::hex(0x62_66_6c).mix(scene.light.sky[1], 0.15);
    scene.canvas.fill_with(&course.outline(lanes), |_, y| {
        (asphalt.lighter((1.0 - y) * 0.45), 1.0)
    });
    let mut t = 0.18;
    while t < 1.0 {
        let step = 0.035;
        scene.canvas.stroke(
            (course.middle(t), 0.030 * t * t),
            (course.middle(t + step), 0.030 * (t + step).powi(2)),
            WHITE,
            0.92,
        );
        t += step * 1.9;
    }
    for side in [-0.93, 0.93] {
        for index in 0..40 {
            let (a, b) = (index as f32 / 40.0, (index + 1) as f32 / 40.0);
            let place = |t: f32| course.beside(t, side, lanes);
            scene.canvas.stroke(
                (place(a), 0.012 * a * a),
                (place(b), 0.012 * b * b),
                WHITE,
                0.75,
            );
        }
    }
    for index in 0..11 {
        let t = 0.30 + index as f32 * 0.065;
        for side in [-1.0, 1.0] {
            let edge = course.beside(t, side * 1.18, lanes);
            let foot = (edge.0 + side * 0.01, edge.1);
            let tall = 0.085 * t * t;
            scene
                .canvas
                .line(foot, (foot.0, foot.1 - tall), 0.016 * t * t, WHITE);
            scene.canvas.line(
                (foot.0, foot.1 - tall * 0.72),
                (foot.0, foot.1 - tall * 0.50),
                0.017 * t * t,
                RED,
            );
        }
    }
    let leaf = scene.light.near.mix(grass, 0.35);
    for index in 0..12 {
        let t = 0.34 + index as f32 * 0.05;
        let side = if index % 2 == 0 { -1.0 } else { 1.0 };
        let edge = course.beside(t, side * 1.3, lanes);
        let foot = (edge.0 + side * scene.between(0.10, 0.50), edge.1 + 0.01);
        let size = 0.05 + 0.26 * t * t;
        if scene.chance(0.45) {
            scene.pine(foot, size * 1.2, leaf);
        } else {
            scene.tree(foot, size, leaf);
        }
    }
    let lane = course.beside(0.66, 0.45, lanes);
    truck(scene, (lane.0, lane.1 + 0.01), 0.13);
}

fn truck(scene: &mut Scene, foot: Point, size: f32) {
    let (x, y) = foot;
    let paint = Colour::hex(scene.pick([0x2f_6f_a8, 0xd0_5a_38, 0x3f_8a_5f]));
    let half = size * 0.34;
    scene
        .canvas
        .veil(&oval((x, y), (half * 1.25, size * 0.05)), INK, 0.4);
    for side in [-0.7, 0.7] {
        scene.canvas.rect(
            (x + side * half - size * 0.06, y - size * 0.14),
            (size * 0.12, size * 0.14),
            INK,
        );
    }
    scene.canvas.rect(
        (x - half, y - size * 0.85),
        (half * 2.0, size * 0.75),
        Colour::hex(0xe9_e2_d0),
    );
    scene.canvas.rect(
        (x - half, y - size * 0.85),
        (half * 2.0, size * 0.10),
        paint.darker(0.2),
    );
    scene.canvas.rect(
        (x - half * 0.92, y - size * 0.60),
        (half * 1.84, size * 0.52),
        paint,
    );
    scene.canvas.fill(
        &[
            (x - half * 0.78, y - size * 0.34),
            (x - half * 0.66, y - size * 0.55),
            (x + half * 0.66, y - size * 0.55),
            (x + half * 0.78, y - size * 0.34),
        ],
        GLASS,
    );
    for side in [-0.68, 0.68] {
        scene.canvas.disc(
            (x + side * half, y - size * 0.20),
            size * 0.045,
            Colour::hex(0xff_f3_c0),
        );
    }
}

/// An international border gate.
pub(super) fn border_gate(scene: &mut Scene) {
    let horizon = scene.between(0.56, 0.60);
    scene.sky(horizon);
    scene.hills(horizon, 5, 0.10);
    let grass = scene.light.ground;
    scene.ground(horizon, grass);
    forest_edge(scene, horizon + 0.02, 0.12);
    let width = scene.width();
    let middle = width * scene.between(0.46, 0.54);
    let leaf = scene.light.near.mix(grass, 0.4);
    for side in [-1.0, 1.0] {
        scene.palm((middle + side * 0.82, 0.86), 0.42, leaf);
        scene.tree((middle + side * 1.02, 0.90), 0.34, leaf);
    }
    let asphalt = Colour::hex(0x7b_7f_85);
    scene.canvas.fill_with(
        &[
            (middle - 0.17, horizon + 0.02),
            (middle + 0.17, horizon + 0.02),
            (middle + 0.72, 1.02),
            (middle - 0.72, 1.02),
        ],
        |_, y| (asphalt.lighter((1.0 - y) * 0.6), 1.0),
    );
    for dash in 0..6 {
        let t = 0.35 + dash as f32 * 0.12;
        let y = horizon + (1.0 - horizon) * t;
        scene.canvas.stroke(
            ((middle, y), 0.014 * t),
            ((middle, y + 0.030 * t), 0.017 * t),
            WHITE,
            0.9,
        );
    }
    let stone = scene.pick([
        Colour::hex(0xe8_dc_c2),
        Colour::hex(0xe4_d2_b0),
        Colour::hex(0xdd_dc_d2),
    ]);
    let foot = 0.80;
    for side in [-1.0, 1.0] {
        let x = middle + side * 0.44;
        scene
            .canvas
            .rect((x - 0.075, 0.36), (0.15, foot - 0.36), stone);
        scene
            .canvas
            .rect((x + 0.020, 0.36), (0.055, foot - 0.36), stone.darker(0.12));
        scene
            .canvas
            .rect((x - 0.095, foot - 0.035), (0.19, 0.035), stone.darker(0.25));
        for window in 0..3 {
            scene.canvas.rect(
                (x - 0.045, 0.47 + window as f32 * 0.095),
                (0.075, 0.055),
                GLASS,
            );
        }
    }
    scene
        .canvas
        .rect((middle - 0.56, 0.31), (1.12, 0.095), stone.lighter(0.3));
    scene
        .canvas
        .rect((middle - 0.56, 0.385), (1.12, 0.020), stone.darker(0.22));
    scene.canvas.fill(
        &[
            (middle - 0.64, 0.315),
            (middle - 0.52, 0.245),
            (middle + 0.52, 0.245),
            (middle + 0.64, 0.315),
        ],
        TILE,
    );
    scene.canvas.fill(
        &[
            (middle - 0.34, 0.25),
            (middle - 0.24, 0.175),
            (middle + 0.24, 0.175),
            (middle + 0.34, 0.25),
        ],
        TILE.darker(0.10),
    );
    scene.canvas.disc((middle, 0.345), 0.040, RED);
    scene.star((middle, 0.345), 0.028, GOLD);
    scene.flag((middle - 0.02, 0.18), 0.17);
    for side in [-1.0, 1.0] {
        scene.flag((middle + side * 0.68, 0.84), 0.40);
    }
    for side in [-1.0, 1.0] {
        let post = middle + side * 0.33;
        scene
            .canvas
            .rect((post - 0.022, 0.70), (0.044, 0.11), Colour::hex(0xe0_a5_30));
        let raised = side > 0.0 && scene.chance(0.6);
        let tip = if raised {
            (post - side * 0.16, 0.50)
        } else {
            (post - side * 0.29, 0.725)
        };
        for piece in 0..8 {
            let at = |t: f32| (post + (tip.0 - post) * t, 0.725 + (tip.1 - 0.725) * t);
            scene.canvas.line(
                at(piece as f32 / 8.0),
                at((piece + 1) as f32 / 8.0),
                0.016,
                if piece % 2 == 0 { RED } else { WHITE },
            );
        }
    }
    truck(scene, (middle + 0.11, 0.76), 0.21);
    scene.person((middle - 0.48, 0.86), 0.16, Colour::hex(0x3f_6a_44), false);
    scene.person((middle + 0.50, 0.87), 0.16, Colour::hex(0x3f_6a_44), false);
}
