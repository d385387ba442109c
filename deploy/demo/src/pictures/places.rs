//! Places people made: villages, schools, halls, markets, roads.

use super::canvas::{Colour, Point, oval};
use super::nature::{forest_edge, winding};
use super::scene::{Scene, at};

const CREAM: Colour = Colour::hex(0xf7_ec_d2);
const GLASS: Colour = Colour::hex(0x8f_b9_c9);
const TILE: Colour = Colour::hex(0xc0_52_3c);
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
    let path = winding((middle, 0.84), 0.05, width * scene.between(0.35, 0.65), (0.07, 0.40));
    scene.canvas.fill(&path, Colour::hex(0xdb_bf_90).mix(earth, 0.25));
    for side in [-1.0, 1.0] {
        let x = middle + side * scene.between(0.50, 0.62);
        let size = scene.between(0.15, 0.19);
        for leg in [-0.3, 0.0, 0.3] {
            scene.canvas.line((x + leg * size, 0.76), (x + leg * size, 0.72), 0.008, INK);
        }
        scene.house((x, 0.73), size, Colour::hex(0xa9_7c_50), Colour::hex(0x8b_62_42));
        let leaf = scene.light.near.mix(scene.light.ground, 0.5);
        scene.tree((x + side * 0.16, 0.76), 0.24, leaf);
        scene.palm((x - side * 0.12, 0.75), 0.22, leaf);
    }
    scene.canvas.veil(&oval((middle, 0.845), (0.36, 0.030)), scene.light.near, 0.30);
    let thatch = scene.pick([Colour::hex(0xb8_8d_52), Colour::hex(0xa8_7a_48), Colour::hex(0xc4_9c_60)]);
    scene.communal_house((middle, 0.84), 0.66, thatch);
    let side = scene.pick([-1.0, 1.0]);
    scene.festival_pole((middle + side * 0.36, 0.90), 0.52);
    for (dx, y, shirt) in [(-0.16, 0.92, 0x8f_2f_3a), (0.13, 0.93, 0x27_3f_66), (0.19, 0.935, 0x9a_3b_43)] {
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

/// A school with its flag in the yard.
pub(super) fn school(scene: &mut Scene) {
    let roof = scene.pick([TILE, Colour::hex(0xb3_44_38), Colour::hex(0x4a_7f_9e)]);
    let (middle, floors) = campus(scene, roof, 2);
    scene.flag((middle - 0.34, 0.90), 0.52);
    scene.canvas.rect((middle - 0.38, 0.89), (0.08, 0.025), Colour::hex(0xd9_d4_c4));
    let _ = floors;
    for index in 0..9 {
        let x = middle - 0.12 + index as f32 * 0.075 + scene.between(-0.015, 0.015);
        let y = 0.90 + scene.between(-0.02, 0.04);
        let shirt = scene.pick([WHITE, WHITE, Colour::hex(0x3f_6f_b0), Colour::hex(0xd9_4a_3f)]);
        scene.person((x, y), 0.095, shirt, false);
    }
}

/// A commune's health station.
pub(super) fn health_station(scene: &mut Scene) {
    let (middle, top) = campus(scene, Colour::hex(0x3f_8f_6c), 1);
    let sign = (middle, top - 0.11);
    scene.canvas.disc(sign, 0.060, Colour::hex(0xe6_ef_ea));
    scene.canvas.disc(sign, 0.052, WHITE);
    scene.canvas.rect((sign.0 - 0.012, sign.1 - 0.035), (0.024, 0.070), RED);
    scene.canvas.rect((sign.0 - 0.035, sign.1 - 0.012), (0.070, 0.024), RED);
    let side = scene.pick([-1.0, 1.0]);
    ambulance(scene, (middle + side * 0.52, 0.905), 0.26);
    for (dx, shirt, hat) in [(-0.10, 0xf7_fa_fa, false), (0.02, 0x8a_3f_6a, true), (0.09, 0x3f_6f_5a, false)] {
        scene.person((middle + dx - side * 0.12, 0.90), 0.12, Colour::hex(shirt), hat);
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
    scene.canvas.fill(&[(middle - 0.62, 0.80), (middle + 0.62, 0.80), (middle + 0.95, 1.02), (middle - 0.95, 1.02)], yard);
    let leaf = scene.light.near.mix(grass, 0.5);
    for dx in [-0.78, -0.66, 0.66, 0.80] {
        let size = scene.between(0.24, 0.32);
        scene.tree((middle + dx, 0.80), size, leaf);
    }
    let (half, storey) = (0.56, 0.135);
    let top = 0.80 - storey * floors as f32;
    let wall = scene.pick([CREAM, Colour::hex(0xf6_e3_b4), Colour::hex(0xee_f1_e6)]);
    scene.canvas.rect((middle - half, top), (half * 2.0, 0.80 - top), wall);
    scene.canvas.rect((middle - half, 0.775), (half * 2.0, 0.030), Colour::hex(0xb9_a8_8c));
    for floor in 0..floors {
        let y = 0.80 - storey * (floor + 1) as f32;
        for bay in 0..10 {
            let x = middle - half + 0.022 + bay as f32 * (half * 2.0 - 0.02) / 10.0;
            let door = bay % 3 == 1;
            scene.canvas.rect((x, y + 0.034), (0.066, if door { storey - 0.058 } else { 0.058 }), if door { Colour::hex(0x6d_8c_7a) } else { GLASS });
            scene.canvas.line((x + 0.033, y + 0.034), (x + 0.033, y + 0.092), 0.004, wall);
            scene.canvas.veil(&[(x, y + 0.034), (x + 0.03, y + 0.034), (x, y + 0.08)], WHITE, 0.45);
        }
        scene.canvas.rect((middle - half - 0.01, y + storey - 0.020), (half * 2.0 + 0.02, 0.012), wall.darker(0.22));
        scene.canvas.veil(&[(middle - half, y), (middle + half, y), (middle + half, y + 0.022), (middle - half, y + 0.022)], INK, 0.22);
        for post in 0..=10 {
            let x = middle - half + post as f32 * half / 5.0;
            scene.canvas.line((x, y), (x, y + storey), 0.008, wall.lighter(0.5));
        }
    }
    scene.canvas.fill(&[(middle - half - 0.05, top), (middle - half + 0.03, top - 0.095), (middle + half - 0.03, top - 0.095), (middle + half + 0.05, top)], roof);
    for line in 1..5 {
        let t = line as f32 / 5.0;
        scene.canvas.line((middle - half - 0.05 + 0.08 * t, top - 0.095 * t), (middle + half + 0.05 - 0.08 * t, top - 0.095 * t), 0.003, roof.darker(0.22));
    }
    scene.canvas.rect((middle - 0.11, top - 0.03), (0.22, 0.80 - top + 0.03), wall.lighter(0.4));
    scene.canvas.fill(&[(middle - 0.15, top - 0.03), (middle, top - 0.165), (middle + 0.15, top - 0.03)], roof.darker(0.06));
    scene.canvas.rect((middle - 0.055, 0.68), (0.11, 0.12), Colour::hex(0x4d_6a_70));
    scene.canvas.line((middle, 0.68), (middle, 0.80), 0.005, wall);
    scene.canvas.fill(&[(middle - 0.14, 0.80), (middle + 0.14, 0.80), (middle + 0.18, 0.835), (middle - 0.18, 0.835)], Colour::hex(0xc9_bd_a6));
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
    scene.canvas.veil(&oval((x, y), (half * 1.05, size * 0.035)), INK, 0.35);
    scene.canvas.fill(&[(x - half, y - size * 0.08), (x - half, top), (x + half * 0.40, top), (x + half * 0.72, y - size * 0.27), (x + half, y - size * 0.22), (x + half, y - size * 0.08)], WHITE);
    scene.canvas.fill(&[(x + half * 0.18, top + size * 0.05), (x + half * 0.38, top + size * 0.05), (x + half * 0.62, y - size * 0.26), (x + half * 0.18, y - size * 0.26)], GLASS);
    scene.canvas.rect((x - half, y - size * 0.21), (size, size * 0.045), RED);
    scene.canvas.rect((x - half * 0.55, top + size * 0.06), (size * 0.035, size * 0.12), RED);
    scene.canvas.rect((x - half * 0.55 - size * 0.0425, top + size * 0.1025), (size * 0.12, size * 0.035), RED);
    scene.canvas.rect((x + half * 0.05, top - size * 0.04), (size * 0.10, size * 0.04), Colour::hex(0x3f_7f_d0));
    for wheel in [-0.58, 0.58] {
        scene.canvas.disc((x + wheel * half, y - size * 0.07), size * 0.085, INK);
        scene.canvas.disc((x + wheel * half, y - size * 0.07), size * 0.038, Colour::hex(0xb9_c0_c4));
    }
}

/// Gongs around the fire at night.
pub(super) fn gong_festival(scene: &mut Scene) {
    scene.by_night();
    let width = scene.width();
    let horizon = 0.62;
    scene.canvas.gradient(&[scene.light.sky[0], scene.light.sky[1], scene.light.sky[2], scene.light.sky[2]]);
    for _ in 0..170 {
        let (x, y) = (scene.between(0.0, width), scene.between(0.0, 0.5));
        let size = scene.between(0.0008, 0.0022);
        scene.canvas.glow((x, y), size * 2.6, WHITE, 0.9);
    }
    let moon = (width * scene.pick([0.16, 0.24, 0.78, 0.86]), scene.between(0.12, 0.22));
    scene.canvas.glow(moon, 0.34, scene.light.sun, 0.35);
    scene.canvas.disc(moon, 0.055, scene.light.sun);
    scene.canvas.disc((moon.0 + 0.015, moon.1 - 0.012), 0.010, scene.light.sun.darker(0.10));
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
                gong_player(scene, (middle + dx, 0.815 + dy), size, behind, index % 3 != 2, dx < 0.0);
            }
        }
    };
    figures(scene, true);
    bonfire(scene, fire);
    figures(scene, false);
    for _ in 0..70 {
        let rise = scene.between(0.0, 1.0);
        let spark = (fire.0 + scene.between(-0.22, 0.22) * rise, fire.1 - 0.10 - rise * 0.5);
        scene.canvas.disc(spark, 0.0022 * (1.3 - rise), Colour::hex(0xff_c8_6a));
    }
}

fn bonfire(scene: &mut Scene, fire: Point) {
    let (x, y) = fire;
    for (dx, lean) in [(-0.06, 0.07), (0.06, -0.07), (-0.02, 0.05), (0.03, -0.05)] {
        scene.canvas.line((x + dx, y + 0.025), (x + dx + lean, y - 0.035), 0.016, Colour::hex(0x4a_2c_20));
    }
    for (scale, colour) in [(1.0, 0xf2_5c_22), (0.74, 0xff_8f_2e), (0.50, 0xff_c2_4a), (0.28, 0xff_f0_b8)] {
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
    let cloth = if behind { Colour::hex(0x7c_2f_30) } else { Colour::hex(0x2b_18_1e) };
    let skin = if behind { Colour::hex(0xd8_96_60) } else { Colour::hex(0x4a_2a_22) };
    let rim = Colour::hex(0xff_b4_5a);
    let half = size * 0.14;
    scene.canvas.line((x - half * 0.5, y), (x - half * 0.4, y - size * 0.4), size * 0.07, skin);
    scene.canvas.line((x + half * 0.5, y), (x + half * 0.4, y - size * 0.4), size * 0.07, skin);
    scene.canvas.fill(&[(x - half * 0.9, y - size * 0.80), (x + half * 0.9, y - size * 0.80), (x + half * 1.2, y - size * 0.28), (x - half * 1.2, y - size * 0.28)], cloth);
    for band in [0.34, 0.46, 0.70] {
        scene.canvas.line((x - half * 1.05, y - size * band), (x + half * 1.05, y - size * band), size * 0.022, if behind { GOLD } else { Colour::hex(0x7a_3a_2a) });
    }
    scene.canvas.disc((x, y - size * 0.90), size * 0.10, skin);
    scene.canvas.ellipse((x, y - size * 0.94), (size * 0.105, size * 0.065), Colour::hex(0x17_10_12));
    scene.canvas.line((x - size * 0.10, y - size * 0.915), (x + size * 0.10, y - size * 0.915), size * 0.022, RED);
    if !behind {
        let inner = if left { 1.0 } else { -1.0 };
        scene.canvas.stroke(((x + inner * half * 0.9, y - size * 0.80), size * 0.02), ((x + inner * half * 1.2, y - size * 0.28), size * 0.02), rim, 0.75);
    }
    if gong {
        let side = if left { 1.0 } else { -1.0 };
        let spot = (x + side * half * 1.5, y - size * 0.50);
        let bronze = if behind { Colour::hex(0xd9_a0_4a) } else { Colour::hex(0x8a_5c_2c) };
        scene.canvas.line((x + side * half * 0.8, y - size * 0.74), (spot.0, spot.1), size * 0.06, skin);
        scene.canvas.ellipse(spot, (size * 0.135, size * 0.165), bronze.darker(0.35));
        scene.canvas.ellipse((spot.0 - side * size * 0.012, spot.1), (size * 0.115, size * 0.145), bronze);
        scene.canvas.ellipse((spot.0 - side * size * 0.012, spot.1), (size * 0.045, size * 0.055), bronze.lighter(0.3));
    }
}

/// A hall set for a conference.
pub(super) fn hall(scene: &mut Scene) {
    let width = scene.width();
    let wall = scene.pick([Colour::hex(0xe9_d8_b8), Colour::hex(0xdd_d6_c6), Colour::hex(0xd4_dd_d6)]);
    scene.canvas.gradient(&[wall.darker(0.12), wall, wall.lighter(0.2)]);
    let middle = width / 2.0;
    let curtain = scene.pick([Colour::hex(0xa9_26_2e), Colour::hex(0xb8_2f_2c), Colour::hex(0x96_24_36)]);
    scene.canvas.fill_with(&[(middle - 0.66, 0.06), (middle + 0.66, 0.06), (middle + 0.66, 0.62), (middle - 0.66, 0.62)], |x, y| {
        let fold = ((x * 46.0).sin() * 0.5 + 0.5) * 0.26;
        (curtain.darker(fold).darker((y - 0.1) * 0.2), 1.0)
    });
    scene.canvas.rect((middle - 0.70, 0.04), (1.40, 0.045), Colour::hex(0x8a_5a_34));
    scene.canvas.rect((middle - 0.70, 0.080), (1.40, 0.006), GOLD);
    for tassel in 0..=34 {
        let x = middle - 0.66 + tassel as f32 * 1.32 / 34.0;
        scene.canvas.stroke(((x, 0.086), 0.012), ((x, 0.12), 0.002), GOLD, 0.9);
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
    scene.canvas.fill_below(|_| 0.60, stage.lighter(0.16), stage.darker(0.12), 0.08);
    scene.canvas.fill_below(|_| 0.675, stage.darker(0.35), stage.darker(0.5), 0.06);
    let table = Colour::hex(0xf3_ef_e6);
    let board = width * 0.5 + scene.pick([-0.62, 0.62]);
    for seat in 0..5 {
        let x = middle - 0.32 + seat as f32 * 0.16;
        let suit = scene.pick([INK, Colour::hex(0x4a_58_72), Colour::hex(0x7a_2f_44), Colour::hex(0x2f_4f_4a)]);
        scene.person((x, 0.64), 0.17, suit, false);
    }
    scene.canvas.rect((middle - 0.46, 0.555), (0.92, 0.085), table);
    scene.canvas.rect((middle - 0.46, 0.555), (0.92, 0.018), table.darker(0.10));
    for fold in 0..12 {
        let x = middle - 0.44 + fold as f32 * 0.08;
        scene.canvas.line((x, 0.575), (x, 0.64), 0.004, table.darker(0.14));
    }
    for bunch in [-0.30, 0.0, 0.30] {
        bouquet(scene, (middle + bunch, 0.555), 0.035);
    }
    scene.person((board, 0.645), 0.19, INK, false);
    scene.canvas.fill(&[(board - 0.075, 0.52), (board + 0.075, 0.52), (board + 0.060, 0.655), (board - 0.060, 0.655)], Colour::hex(0x7d_4c_2c));
    scene.canvas.rect((board - 0.085, 0.51), (0.17, 0.016), Colour::hex(0x9c_66_3e));
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
                let suit = scene.pick([INK, Colour::hex(0x5a_66_7c), WHITE.darker(0.1), Colour::hex(0x8c_3f_4c), Colour::hex(0x3c_62_5c)]);
                scene.canvas.ellipse((x, y + size * 0.55), (size * 0.50, size * 0.50), suit.darker(0.12));
                scene.canvas.disc((x, y - size * 0.08), size * 0.23, Colour::hex(0x2a_25_25));
                let back = Colour::hex(0x8a_34_34).darker(0.15 * (1.0 - t));
                scene.canvas.rect((x - size * 0.48, y + size * 0.38), (size * 0.96, size * 0.9), back);
            }
            x += gap;
        }
    }
}

fn bouquet(scene: &mut Scene, foot: Point, size: f32) {
    for _ in 0..16 {
        let spot = (foot.0 + scene.between(-1.1, 1.1) * size, foot.1 - scene.between(0.0, 1.0) * size);
        let petal = scene.pick([Colour::hex(0xf3_86_a0), Colour::hex(0xf9_d0_4a), WHITE, Colour::hex(0x4f_8f_4a), Colour::hex(0x4f_8f_4a)]);
        scene.canvas.disc(spot, size * 0.26, petal);
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
            let at = (scene.between(0.0, width), y + 0.05 + scene.between(0.0, 0.06));
            let shirt = Colour::hex(scene.pick([0xb5_3f_4a, 0x2f_5f_93, 0x3f_7a_5a, 0x7a_4a_8a, 0xe0_a0_3a, 0x30_30_44]));
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
        scene.canvas.line((x + side * half, y), (x + side * half, top), size * 0.025, Colour::hex(0x7a_58_3c));
    }
    scene.canvas.veil(&[(x - half, top), (x + half, top), (x + half, y), (x - half, y)], INK, 0.16);
    let seller = Colour::hex(scene.pick([0x8a_2f_3f, 0x2f_4f_7f, 0x4f_6f_3f]));
    let place = (x + scene.between(-0.2, 0.2) * size, y - size * 0.05);
    let hat = scene.chance(0.5);
    scene.person(place, size * 0.58, seller, hat);
    scene.canvas.rect((x - half * 0.95, y - size * 0.26), (half * 1.9, size * 0.26), Colour::hex(0xa8_7a_4e));
    scene.canvas.rect((x - half, y - size * 0.29), (half * 2.0, size * 0.045), Colour::hex(0xc8_9a_68));
    for heap in 0..4 {
        let middle = x - half * 0.72 + heap as f32 * half * 0.48;
        let goods = Colour::hex(scene.pick([0xe0_53_3a, 0xf2_a9_33, 0x6f_a8_4a, 0x8a_4f_9a, 0xf3_e6_b8, 0xc9_3a_4a]));
        for (dx, dy) in [(-0.055, 0.0), (0.0, 0.0), (0.055, 0.0), (-0.028, 0.045), (0.028, 0.045), (0.0, 0.088)] {
            let spot = (middle + dx * size, y - size * 0.315 - dy * size);
            scene.canvas.disc(spot, size * 0.034, goods);
            scene.canvas.disc((spot.0 - size * 0.009, spot.1 - size * 0.010), size * 0.010, goods.lighter(0.5));
        }
    }
    let cloth = Colour::hex(scene.pick([0xd9_4f_3f, 0x2f_86_a8, 0xe8_a8_30, 0x4a_94_5f, 0x9a_5a_9c]));
    let stripes = 8;
    let peak = top - size * 0.16;
    for stripe in 0..stripes {
        let (a, b) = (stripe as f32 / stripes as f32, (stripe + 1) as f32 / stripes as f32);
        let low = |t: f32| x - half * 1.18 + half * 2.36 * t;
        let high = |t: f32| x - half * 0.92 + half * 1.84 * t;
        let colour = if stripe % 2 == 0 { cloth } else { WHITE };
        scene.canvas.fill(&[(low(a), top), (high(a), peak), (high(b), peak), (low(b), top)], colour);
        let middle = (low(a) + low(b)) / 2.0;
        scene.canvas.ellipse((middle, top), ((low(b) - low(a)) / 2.0, size * 0.035), colour.darker(0.08));
    }
}

fn basket(scene: &mut Scene, foot: Point, size: f32) {
    let (x, y) = foot;
    let cane = Colour::hex(0xb0_7f_48);
    for _ in 0..14 {
        let leaf = Colour::hex(scene.pick([0x5a_9a_45, 0x7f_b5_52, 0xe0_8a_3a]));
        let spot = (x + scene.between(-0.36, 0.36) * size, y - size * scene.between(0.55, 0.82));
        scene.canvas.disc(spot, size * 0.13, leaf);
    }
    scene.canvas.fill(&[(x - size * 0.48, y - size * 0.55), (x + size * 0.48, y - size * 0.55), (x + size * 0.34, y), (x - size * 0.34, y)], cane);
    for hoop in 0..4 {
        let t = hoop as f32 / 3.0;
        let half = size * (0.34 + 0.14 * t);
        scene.canvas.line((x - half, y - size * 0.55 * t), (x + half, y - size * 0.55 * t), size * 0.03, cane.darker(0.28));
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
    let far = (width * scene.between(0.42, 0.58), horizon + 0.01);
    let bend = scene.pick([-1.0, 1.0]) * scene.between(0.13, 0.20);
    let near = width * scene.between(0.42, 0.58);
    forest_edge(scene, horizon + 0.015, 0.07);
    let shoulder = Colour::hex(0xc9_ab_7e).mix(grass, 0.2);
    scene.canvas.fill(&winding(far, bend, near, (0.016, 0.74)), shoulder);
    let asphalt = Colour::hex(0x62_66_6c).mix(scene.light.sky[1], 0.15);
    scene.canvas.fill_with(&winding(far, bend, near, (0.010, 0.62)), |_, y| (asphalt.lighter((1.0 - y) * 0.45), 1.0));
    let middle = |t: f32| {
        let x = far.0 + (near - far.0) * t * t + bend * (t * std::f32::consts::PI * 1.6).sin() * (0.25 + 0.75 * t);
        (x, far.1 + (1.02 - far.1) * t.powf(1.5))
    };
    let half = |t: f32| (0.010 + 0.61 * t.powf(1.9)) / 2.0;
    let mut t = 0.18;
    while t < 1.0 {
        let step = 0.035;
        scene.canvas.stroke((middle(t), 0.030 * t * t), (middle(t + step), 0.030 * (t + step).powi(2)), WHITE, 0.92);
        t += step * 1.9;
    }
    for side in [-0.93, 0.93] {
        for index in 0..40 {
            let (a, b) = (index as f32 / 40.0, (index + 1) as f32 / 40.0);
            let place = |t: f32| (middle(t).0 + side * half(t), middle(t).1);
            scene.canvas.stroke((place(a), 0.012 * a * a), (place(b), 0.012 * b * b), WHITE, 0.75);
        }
    }
    for index in 0..11 {
        let t = 0.30 + index as f32 * 0.065;
        for side in [-1.0, 1.0] {
            let foot = (middle(t).0 + side * (half(t) * 1.18 + 0.01), middle(t).1);
            let tall = 0.085 * t * t;
            scene.canvas.line(foot, (foot.0, foot.1 - tall), 0.016 * t * t, WHITE);
            scene.canvas.line((foot.0, foot.1 - tall * 0.72), (foot.0, foot.1 - tall * 0.50), 0.017 * t * t, RED);
        }
    }
    let leaf = scene.light.near.mix(grass, 0.35);
    for index in 0..12 {
        let t = 0.34 + index as f32 * 0.05;
        let side = if index % 2 == 0 { -1.0 } else { 1.0 };
        let foot = (middle(t).0 + side * (half(t) * 1.3 + scene.between(0.10, 0.50)), middle(t).1 + 0.01);
        let size = 0.05 + 0.26 * t * t;
        if scene.chance(0.45) {
            scene.pine(foot, size * 1.2, leaf);
        } else {
            scene.tree(foot, size, leaf);
        }
    }
    let place = middle(0.66);
    truck(scene, (place.0 + half(0.66) * 0.45, place.1 + 0.01), 0.13);
}

fn truck(scene: &mut Scene, foot: Point, size: f32) {
    let (x, y) = foot;
    let paint = Colour::hex(scene.pick([0x2f_6f_a8, 0xd0_5a_38, 0x3f_8a_5f]));
    let half = size * 0.34;
    scene.canvas.veil(&oval((x, y), (half * 1.25, size * 0.05)), INK, 0.4);
    for side in [-0.7, 0.7] {
        scene.canvas.rect((x + side * half - size * 0.06, y - size * 0.14), (size * 0.12, size * 0.14), INK);
    }
    scene.canvas.rect((x - half, y - size * 0.85), (half * 2.0, size * 0.75), Colour::hex(0xe9_e2_d0));
    scene.canvas.rect((x - half, y - size * 0.85), (half * 2.0, size * 0.10), paint.darker(0.2));
    scene.canvas.rect((x - half * 0.92, y - size * 0.60), (half * 1.84, size * 0.52), paint);
    scene.canvas.fill(&[(x - half * 0.78, y - size * 0.34), (x - half * 0.66, y - size * 0.55), (x + half * 0.66, y - size * 0.55), (x + half * 0.78, y - size * 0.34)], GLASS);
    for side in [-0.68, 0.68] {
        scene.canvas.disc((x + side * half, y - size * 0.20), size * 0.045, Colour::hex(0xff_f3_c0));
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
    let asphalt = Colour::hex(0x7b_7f_85);
    scene.canvas.fill_with(&[(middle - 0.17, horizon + 0.02), (middle + 0.17, horizon + 0.02), (middle + 0.72, 1.02), (middle - 0.72, 1.02)], |_, y| (asphalt.lighter((1.0 - y) * 0.6), 1.0));
    for dash in 0..6 {
        let t = 0.35 + dash as f32 * 0.12;
        let y = horizon + (1.0 - horizon) * t;
        scene.canvas.stroke(((middle, y), 0.014 * t), ((middle, y + 0.030 * t), 0.017 * t), WHITE, 0.9);
    }
    let stone = scene.pick([Colour::hex(0xe8_dc_c2), Colour::hex(0xe4_d2_b0), Colour::hex(0xdd_dc_d2)]);
    let foot = 0.80;
    for side in [-1.0, 1.0] {
        let x = middle + side * 0.44;
        scene.canvas.rect((x - 0.075, 0.36), (0.15, foot - 0.36), stone);
        scene.canvas.rect((x + 0.020, 0.36), (0.055, foot - 0.36), stone.darker(0.12));
        scene.canvas.rect((x - 0.095, foot - 0.035), (0.19, 0.035), stone.darker(0.25));
        for window in 0..3 {
            scene.canvas.rect((x - 0.045, 0.47 + window as f32 * 0.095), (0.075, 0.055), GLASS);
        }
    }
    scene.canvas.rect((middle - 0.56, 0.31), (1.12, 0.095), stone.lighter(0.3));
    scene.canvas.rect((middle - 0.56, 0.385), (1.12, 0.020), stone.darker(0.22));
    scene.canvas.fill(&[(middle - 0.64, 0.315), (middle - 0.52, 0.245), (middle + 0.52, 0.245), (middle + 0.64, 0.315)], TILE);
    scene.canvas.fill(&[(middle - 0.34, 0.25), (middle - 0.24, 0.175), (middle + 0.24, 0.175), (middle + 0.34, 0.25)], TILE.darker(0.10));
    scene.canvas.disc((middle, 0.345), 0.040, RED);
    scene.star((middle, 0.345), 0.028, GOLD);
    scene.flag((middle - 0.02, 0.18), 0.17);
    for side in [-1.0, 1.0] {
        scene.flag((middle + side * 0.68, 0.84), 0.40);
    }
    for side in [-1.0, 1.0] {
        let post = middle + side * 0.33;
        scene.canvas.rect((post - 0.022, 0.70), (0.044, 0.11), Colour::hex(0xe0_a5_30));
        let raised = side > 0.0 && scene.chance(0.6);
        let tip = if raised { (post - side * 0.16, 0.50) } else { (post - side * 0.29, 0.725) };
        for piece in 0..8 {
            let at = |t: f32| (post + (tip.0 - post) * t, 0.725 + (tip.1 - 0.725) * t);
            scene.canvas.line(at(piece as f32 / 8.0), at((piece + 1) as f32 / 8.0), 0.016, if piece % 2 == 0 { RED } else { WHITE });
        }
    }
    truck(scene, (middle + 0.11, 0.76), 0.21);
    scene.person((middle - 0.48, 0.86), 0.16, Colour::hex(0x3f_6a_44), false);
    scene.person((middle + 0.50, 0.87), 0.16, Colour::hex(0x3f_6a_44), false);
    let leaf = scene.light.near.mix(grass, 0.4);
    for side in [-1.0, 1.0] {
        scene.palm((middle + side * 0.82, 0.86), 0.42, leaf);
        scene.tree((middle + side * 1.02, 0.90), 0.34, leaf);
    }
}

/// A desk with a computer and a telephone.
pub(super) fn computer(scene: &mut Scene) {
    let accent = scene.pick([Colour::hex(0x2f_7f_b8), Colour::hex(0x2f_8f_7a), Colour::hex(0x5a_6a_c0), Colour::hex(0xc0_6a_3f)]);
    let width = scene.width();
    let pale = accent.mix(WHITE, 0.80);
    scene.canvas.gradient(&[pale.lighter(0.4), pale, accent.mix(WHITE, 0.62)]);
    for _ in 0..9 {
        let at = (scene.between(0.0, width), scene.between(0.0, 0.75));
        let radius = scene.between(0.05, 0.22);
        scene.canvas.veil(&oval(at, (radius, radius)), WHITE, 0.22);
    }
    let shift = scene.between(0.0, 20.0);
    let table = scene.curve(|s, x| 0.56 - 0.10 * s.noise(17, x * 1.3 + shift));
    let hill = accent.mix(WHITE, 0.55);
    scene.canvas.fill_below(|x| at(&table, x), hill, pale, 0.25);
    let desk = Colour::hex(0xd8_b0_80);
    scene.canvas.fill_below(|_| 0.80, desk.lighter(0.2), desk.darker(0.15), 0.2);
    scene.canvas.fill_below(|_| 0.835, desk.darker(0.22), desk.darker(0.38), 0.17);

    let middle = width * scene.between(0.42, 0.48);
    scene.canvas.veil(&oval((middle, 0.815), (0.42, 0.014)), INK, 0.25);
    scene.canvas.fill(&[(middle - 0.06, 0.70), (middle + 0.06, 0.70), (middle + 0.08, 0.80), (middle - 0.08, 0.80)], Colour::hex(0xb4_bc_c4));
    scene.canvas.rect((middle - 0.16, 0.795), (0.32, 0.020), Colour::hex(0x9a_a4_ae));
    screen(scene, (middle, 0.18), (0.86, 0.54), accent);

    let phone = middle + 0.66;
    scene.canvas.veil(&oval((phone, 0.822), (0.11, 0.010)), INK, 0.3);
    scene.canvas.rect((phone - 0.10, 0.42), (0.20, 0.40), INK);
    scene.canvas.rect((phone - 0.088, 0.445), (0.176, 0.345), WHITE);
    scene.canvas.rect((phone - 0.088, 0.445), (0.176, 0.050), accent);
    padlock(scene, (phone, 0.62), 0.075, accent);
    for line in 0..2 {
        scene.canvas.rect((phone - 0.060, 0.715 + 0.030 * line as f32), (0.12 - 0.04 * line as f32, 0.012), Colour::hex(0xc8_d0_d6));
    }
    for arc in 1..=3 {
        let radius = 0.030 * arc as f32;
        for step in 0..12 {
            let angle = |i: usize| std::f32::consts::PI * (0.25 + 0.5 * i as f32 / 12.0);
            let spot = |i: usize| (phone + angle(i).cos() * radius, 0.385 - angle(i).sin() * radius);
            scene.canvas.line(spot(step), spot(step + 1), 0.010, accent.darker(0.1));
        }
    }
    scene.canvas.disc((phone, 0.378), 0.011, accent.darker(0.1));

    let pot = middle - 0.60;
    for leaf in 0..7 {
        let angle = std::f32::consts::PI * (0.12 + 0.76 * leaf as f32 / 6.0);
        let tip = (pot + angle.cos() * 0.15, 0.71 - angle.sin() * 0.22);
        let bend = (pot + angle.cos() * 0.10, 0.71 - angle.sin() * 0.11);
        let green = Colour::hex(0x4f_94_5a).darker(0.06 * (leaf % 3) as f32);
        scene.canvas.fill(&[(pot, 0.72), (bend.0 - 0.025, bend.1), tip, (bend.0 + 0.025, bend.1)], green);
    }
    scene.canvas.fill(&[(pot - 0.065, 0.70), (pot + 0.065, 0.70), (pot + 0.048, 0.82), (pot - 0.048, 0.82)], Colour::hex(0xc8_6a_48));
    scene.canvas.rect((pot - 0.075, 0.692), (0.15, 0.026), Colour::hex(0xd8_7c_58));
}

fn screen(scene: &mut Scene, top: Point, size: Point, accent: Colour) {
    let (left, y) = (top.0 - size.0 / 2.0, top.1);
    scene.canvas.rect((left - 0.015, y - 0.015), (size.0 + 0.03, size.1 + 0.03), INK);
    scene.canvas.rect((left, y), size, WHITE);
    scene.canvas.rect((left, y), (size.0, 0.075), accent);
    scene.star((left + 0.045, y + 0.038), 0.022, GOLD);
    scene.canvas.rect((left + 0.085, y + 0.027), (0.30, 0.020), WHITE);
    scene.canvas.rect((left + size.0 - 0.24, y + 0.022), (0.20, 0.030), accent.lighter(0.75));
    scene.canvas.rect((left, y + 0.075), (size.0, 0.030), accent.mix(WHITE, 0.75));
    let inner = (left + 0.03, y + 0.130);
    scene.canvas.rect(inner, (0.40, 0.21), accent.mix(WHITE, 0.45));
    scene.canvas.disc((inner.0 + 0.31, inner.1 + 0.055), 0.026, Colour::hex(0xff_e7_9a));
    scene.canvas.fill(&[(inner.0, inner.1 + 0.21), (inner.0 + 0.12, inner.1 + 0.08), (inner.0 + 0.20, inner.1 + 0.15), (inner.0 + 0.27, inner.1 + 0.10), (inner.0 + 0.40, inner.1 + 0.21)], accent.darker(0.15));
    let grey = Colour::hex(0xcf_d6_da);
    for line in 0..6 {
        let long = scene.between(0.22, 0.36);
        scene.canvas.rect((left + 0.46, inner.1 + 0.006 + line as f32 * 0.036), (long, 0.015), if line == 0 { accent.darker(0.1) } else { grey });
    }
    for card in 0..3 {
        let x = left + 0.03 + card as f32 * 0.275;
        scene.canvas.rect((x, y + 0.365), (0.25, 0.145), accent.mix(WHITE, 0.88));
        scene.canvas.disc((x + 0.045, y + 0.415), 0.024, accent.mix(WHITE, 0.25 * card as f32));
        for line in 0..3 {
            scene.canvas.rect((x + 0.085, y + 0.393 + line as f32 * 0.030), (0.14 - 0.03 * line as f32, 0.012), grey);
        }
    }
}

fn padlock(scene: &mut Scene, centre: Point, size: f32, colour: Colour) {
    let (x, y) = centre;
    scene.canvas.disc((x, y - size * 0.30), size * 0.42, colour.darker(0.25));
    scene.canvas.disc((x, y - size * 0.30), size * 0.27, WHITE);
    scene.canvas.rect((x - size * 0.58, y - size * 0.28), (size * 1.16, size * 0.92), colour);
    scene.canvas.disc((x, y + size * 0.08), size * 0.13, WHITE);
    scene.canvas.rect((x - size * 0.05, y + size * 0.10), (size * 0.10, size * 0.26), WHITE);
}
