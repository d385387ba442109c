//! The desk of someone who works or reads on the net.

use super::canvas::{Colour, Point, oval};
use super::scene::{Scene, at};

const GOLD: Colour = Colour::hex(0xf7_cf_3f);
const WHITE: Colour = Colour::hex(0xfb_fa_f4);
const INK: Colour = Colour::hex(0x33_3f_4c);

/// A desk with a computer and a telephone.
pub(super) fn computer(scene: &mut Scene) {
    let accent = scene.pick([
        Colour::hex(0x2f_7f_b8),
        Colour::hex(0x2f_8f_7a),
        Colour::hex(0x5a_6a_c0),
        Colour::hex(0xc0_6a_3f),
    ]);
    let width = scene.width();
    let pale = accent.mix(WHITE, 0.80);
    scene
        .canvas
        .gradient(&[pale.lighter(0.4), pale, accent.mix(WHITE, 0.62)]);
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
    scene
        .canvas
        .fill_below(|_| 0.80, desk.lighter(0.2), desk.darker(0.15), 0.2);
    scene
        .canvas
        .fill_below(|_| 0.835, desk.darker(0.22), desk.darker(0.38), 0.17);

    let middle = width * scene.between(0.42, 0.48);
    scene
        .canvas
        .veil(&oval((middle, 0.815), (0.42, 0.014)), INK, 0.25);
    scene.canvas.fill(
        &[
            (middle - 0.06, 0.70),
            (middle + 0.06, 0.70),
            (middle + 0.08, 0.80),
            (middle - 0.08, 0.80),
        ],
        Colour::hex(0xb4_bc_c4),
    );
    scene.canvas.rect(
        (middle - 0.16, 0.795),
        (0.32, 0.020),
        Colour::hex(0x9a_a4_ae),
    );
    screen(scene, (middle, 0.18), (0.86, 0.54), accent);

    let phone = middle + 0.66;
    scene
        .canvas
        .veil(&oval((phone, 0.822), (0.11, 0.010)), INK, 0.3);
    scene.canvas.rect((phone - 0.10, 0.42), (0.20, 0.40), INK);
    scene
        .canvas
        .rect((phone - 0.088, 0.445), (0.176, 0.345), WHITE);
    scene
        .canvas
        .rect((phone - 0.088, 0.445), (0.176, 0.050), accent);
    padlock(scene, (phone, 0.62), 0.075, accent);
    for line in 0..2 {
        scene.canvas.rect(
            (phone - 0.060, 0.715 + 0.030 * line as f32),
            (0.12 - 0.04 * line as f32, 0.012),
            Colour::hex(0xc8_d0_d6),
        );
    }
    for arc in 1..=3 {
        let radius = 0.030 * arc as f32;
        for step in 0..12 {
            let angle = |i: usize| std::f32::consts::PI * (0.25 + 0.5 * i as f32 / 12.0);
            let spot = |i: usize| {
                (
                    phone + angle(i).cos() * radius,
                    0.385 - angle(i).sin() * radius,
                )
            };
            scene
                .canvas
                .line(spot(step), spot(step + 1), 0.010, accent.darker(0.1));
        }
    }
    scene.canvas.disc((phone, 0.378), 0.011, accent.darker(0.1));

    let pot = middle - 0.60;
    for leaf in 0..7 {
        let angle = std::f32::consts::PI * (0.12 + 0.76 * leaf as f32 / 6.0);
        let tip = (pot + angle.cos() * 0.15, 0.71 - angle.sin() * 0.22);
        let bend = (pot + angle.cos() * 0.10, 0.71 - angle.sin() * 0.11);
        let green = Colour::hex(0x4f_94_5a).darker(0.06 * (leaf % 3) as f32);
        scene.canvas.fill(
            &[
                (pot, 0.72),
                (bend.0 - 0.025, bend.1),
                tip,
                (bend.0 + 0.025, bend.1),
            ],
            green,
        );
    }
    scene.canvas.fill(
        &[
            (pot - 0.065, 0.70),
            (pot + 0.065, 0.70),
            (pot + 0.048, 0.82),
            (pot - 0.048, 0.82),
        ],
        Colour::hex(0xc8_6a_48),
    );
    scene
        .canvas
        .rect((pot - 0.075, 0.692), (0.15, 0.026), Colour::hex(0xd8_7c_58));
}

fn screen(scene: &mut Scene, top: Point, size: Point, accent: Colour) {
    let (left, y) = (top.0 - size.0 / 2.0, top.1);
    scene.canvas.rect(
        (left - 0.015, y - 0.015),
        (size.0 + 0.03, size.1 + 0.03),
        INK,
    );
    scene.canvas.rect((left, y), size, WHITE);
    scene.canvas.rect((left, y), (size.0, 0.075), accent);
    scene.star((left + 0.045, y + 0.038), 0.022, GOLD);
    scene
        .canvas
        .rect((left + 0.085, y + 0.027), (0.30, 0.020), WHITE);
    scene.canvas.rect(
        (left + size.0 - 0.24, y + 0.022),
        (0.20, 0.030),
        accent.lighter(0.75),
    );
    scene
        .canvas
        .rect((left, y + 0.075), (size.0, 0.030), accent.mix(WHITE, 0.75));
    let inner = (left + 0.03, y + 0.130);
    scene
        .canvas
        .rect(inner, (0.40, 0.21), accent.mix(WHITE, 0.45));
    scene.canvas.disc(
        (inner.0 + 0.31, inner.1 + 0.055),
        0.026,
        Colour::hex(0xff_e7_9a),
    );
    scene.canvas.fill(
        &[
            (inner.0, inner.1 + 0.21),
            (inner.0 + 0.12, inner.1 + 0.08),
            (inner.0 + 0.20, inner.1 + 0.15),
            (inner.0 + 0.27, inner.1 + 0.10),
            (inner.0 + 0.40, inner.1 + 0.21),
        ],
        accent.darker(0.15),
    );
    let grey = Colour::hex(0xcf_d6_da);
    for line in 0..6 {
        let long = scene.between(0.22, 0.36);
        scene.canvas.rect(
            (left + 0.46, inner.1 + 0.006 + line as f32 * 0.036),
            (long, 0.015),
            if line == 0 { accent.darker(0.1) } else { grey },
        );
    }
    for card in 0..3 {
        let x = left + 0.03 + card as f32 * 0.275;
        scene
            .canvas
            .rect((x, y + 0.365), (0.25, 0.145), accent.mix(WHITE, 0.88));
        scene.canvas.disc(
            (x + 0.045, y + 0.415),
            0.024,
            accent.mix(WHITE, 0.25 * card as f32),
        );
        for line in 0..3 {
            scene.canvas.rect(
                (x + 0.085, y + 0.393 + line as f32 * 0.030),
                (0.14 - 0.03 * line as f32, 0.012),
                grey,
            );
        }
    }
}

fn padlock(scene: &mut Scene, centre: Point, size: f32, colour: Colour) {
    let (x, y) = centre;
    scene
        .canvas
        .disc((x, y - size * 0.30), size * 0.42, colour.darker(0.25));
    scene.canvas.disc((x, y - size * 0.30), size * 0.27, WHITE);
    scene.canvas.rect(
        (x - size * 0.58, y - size * 0.28),
        (size * 1.16, size * 0.92),
        colour,
    );
    scene.canvas.disc((x, y + size * 0.08), size * 0.13, WHITE);
    scene.canvas.rect(
        (x - size * 0.05, y + size * 0.10),
        (size * 0.10, size * 0.26),
        WHITE,
    );
}
