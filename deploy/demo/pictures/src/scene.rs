//! What every picture shares: its chance, its light, and the sky and far hills behind everything.

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::canvas::{Canvas, Colour, Point};

/// The colours one time of day gives to a landscape.
#[derive(Clone, Copy)]
pub(super) struct Light {
    /// The sky from top to horizon.
    pub(super) sky: [Colour; 3],
    /// The sun or moon and what it lights.
    pub(super) sun: Colour,
    /// The most distant hills.
    pub(super) far: Colour,
    /// The nearest hills and dark foliage.
    pub(super) near: Colour,
    /// Grass and fields.
    pub(super) ground: Colour,
    /// Haze between the hills.
    pub(super) mist: Colour,
}

const fn light(sky: [u32; 3], sun: u32, far: u32, near: u32, ground: u32, mist: u32) -> Light {
    Light {
        sky: [
            Colour::hex(sky[0]),
            Colour::hex(sky[1]),
            Colour::hex(sky[2]),
        ],
        sun: Colour::hex(sun),
        far: Colour::hex(far),
        near: Colour::hex(near),
        ground: Colour::hex(ground),
        mist: Colour::hex(mist),
    }
}

const DAYLIGHT: [Light; 4] = [
    light(
        [0x5b_a3_d9, 0xa6_d5_ee, 0xe9_f5_f1],
        0xff_fb_e2,
        0x9c_c2_d4,
        0x24_5f_4a,
        0x7f_b6_5a,
        0xf0_f8_f6,
    ),
    light(
        [0x6f_a4_c9, 0xf2_cd_ab, 0xfb_e8_c8],
        0xff_f4_d6,
        0xad_bf_cb,
        0x2b_59_4c,
        0x86_a9_57,
        0xfb_ec_da,
    ),
    light(
        [0x5d_8f_bd, 0xf3_c0_83, 0xff_e4_ae],
        0xff_ee_b8,
        0xbf_ae_a2,
        0x3d_5a_3f,
        0xa0_a8_52,
        0xff_e9_c6,
    ),
    light(
        [0x7b_bf_c9, 0xc4_e3_d8, 0xf6_f4_de],
        0xff_fd_ee,
        0xa5_c9_c4,
        0x1f_63_5a,
        0x74_b0_73,
        0xf4_f8_ea,
    ),
];

const EVENING: Light = light(
    [0x33_3f_70, 0xa7_6a_8c, 0xf6_ae_80],
    0xff_dc_a8,
    0x87_72_98,
    0x2a_33_52,
    0x4c_5f_56,
    0xea_a9_92,
);
const NIGHT: Light = light(
    [0x10_18_38, 0x25_30_5c, 0x4b_4a_73],
    0xf6_ee_d2,
    0x3a_43_6b,
    0x14_1b_33,
    0x23_2b_3f,
    0x56_57_7e,
);
const STORM: Light = light(
    [0x4f_5d_6b, 0x7c_8a_94, 0xb4_bc_bd],
    0xd5_da_d8,
    0x8d_9a_a3,
    0x36_4a_4e,
    0x5d_74_62,
    0xb9_c2_c4,
);

/// A picture on its way, with the chance and the light it is painted in.
pub(super) struct Scene {
    /// The picture so far.
    pub(super) canvas: Canvas,
    /// The colours of its time of day.
    pub(super) light: Light,
    rng: StdRng,
    lattice: [f32; 256],
}

impl Scene {
    /// An empty picture whose every choice follows from `seed`.
    pub(super) fn new(seed: u64, width: u32, height: u32) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let lattice = std::array::from_fn(|_| rng.random());
        let light = DAYLIGHT[rng.random_range(0..DAYLIGHT.len())];
        Self {
            canvas: Canvas::new(width, height),
            light,
            rng,
            lattice,
        }
    }

    /// Moves the scene to sunset, for one seed in four.
    pub(super) fn maybe_evening(&mut self) {
        if self.chance(0.25) {
            self.light = EVENING;
        }
    }

    /// Moves the scene into the night.
    pub(super) fn by_night(&mut self) {
        self.light = NIGHT;
    }

    /// Moves the scene under rain clouds.
    pub(super) fn in_storm(&mut self) {
        self.light = STORM;
    }

    /// The x of the right edge.
    pub(super) fn width(&self) -> f32 {
        self.canvas.aspect()
    }

    /// A number between `low` and `high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.rng.random::<f32>()
    }

    /// Whether an event of this probability happens.
    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.rng.random::<f32>() < probability
    }

    /// One of `choices`.
    pub(super) fn pick<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[self.rng.random_range(0..N)]
    }

    /// A smooth random curve around 0, between -1 and 1, made of three octaves. Curves of different `kind` are unrelated.
    pub(super) fn noise(&self, kind: usize, x: f32) -> f32 {
        let octave = |x: f32, salt: usize| {
            let cell = x.floor();
            let t = x - cell;
            let t = t * t * (3.0 - 2.0 * t);
            let value = |step: i32| {
                self.lattice[((cell as i32 + step) as usize ^ salt.wrapping_mul(97)) & 255]
            };
            value(0) + (value(1) - value(0)) * t
        };
        let sum = octave(x, kind)
            + 0.5 * octave(x * 2.1 + 7.0, kind + 1)
            + 0.22 * octave(x * 4.7 + 13.0, kind + 2);
        sum / 0.86 - 1.0
    }

    /// Grain for the finished picture: the picture, and a source of small noise.
    pub(super) fn finish(self) -> image::RgbImage {
        let Self {
            canvas, lattice, ..
        } = self;
        let mut place = 0_usize;
        canvas.finish(|| {
            place = place.wrapping_mul(5).wrapping_add(0x9e37) ^ (place >> 7);
            lattice[(place >> 3) & 255] - 0.5
        })
    }

    /// Sky, sun, clouds and `hills` ranges of hills, the nearest one meeting the ground at `horizon`.
    pub(super) fn backdrop(&mut self, horizon: f32, hills: usize) {
        self.sky(horizon);
        self.hills(horizon, hills, 0.0);
    }

    /// Sky with a sun or moon standing over `horizon`, and clouds.
    pub(super) fn sky(&mut self, horizon: f32) {
        let Light { sky, sun, mist, .. } = self.light;
        self.canvas.gradient(&[sky[0], sky[1], sky[2], sky[2]]);
        let centre = (
            self.width() * self.between(0.2, 0.8),
            horizon * self.between(0.25, 0.55),
        );
        let radius = self.between(0.045, 0.065);
        self.canvas.glow(centre, radius * 9.0, sun, 0.55);
        self.canvas.glow(centre, radius * 3.0, sun, 0.6);
        self.canvas.disc(centre, radius, sun);
        for _ in 0..4 {
            let place = (
                self.between(-0.1, self.width()),
                self.between(0.05, horizon * 0.6),
            );
            let size = self.between(0.05, 0.11) * (0.5 + place.1);
            let colour = mist.lighter(0.35).mix(sky[1], 0.15);
            self.cloud(place, size, colour);
        }
    }

    /// A flat-bottomed cloud of a few puffs.
    pub(super) fn cloud(&mut self, at: Point, size: f32, colour: Colour) {
        let puffs = 5;
        for index in 0..puffs {
            let along = index as f32 / (puffs - 1) as f32;
            let tall = (along * std::f32::consts::PI).sin() * 0.55 + 0.25;
            let radius = (size * 0.75, size * tall * self.between(0.5, 0.75));
            let centre = (at.0 + (along - 0.5) * size * 4.0, at.1 - radius.1 * 0.55);
            let outline = super::canvas::oval(centre, radius);
            let floor = at.1;
            self.canvas.fill_with(&outline, move |_, y| {
                let fade = ((floor - y) / (size * 0.5)).clamp(0.0, 1.0);
                (colour, 0.75 * fade)
            });
        }
    }

    /// Ranges of hills from far to near with mist at their feet; the nearest stands on `foot`, raised by `lift`.
    pub(super) fn hills(&mut self, foot: f32, count: usize, lift: f32) {
        let Light {
            far, near, mist, ..
        } = self.light;
        for index in 0..count {
            let t = (index as f32 + 0.6) / count as f32;
            let height = (0.30 - 0.20 * t) + lift * (1.0 - t);
            let (kind, pace) = (11 + index * 5, 1.3 + 1.1 * t);
            let shift = self.between(0.0, 40.0);
            let colour = far.mix(near, t * 0.75);
            let table = self.curve(|scene, x| {
                let sharp = 1.0 - scene.noise(kind, x * pace + shift).abs();
                foot - height * (0.25 + 0.75 * sharp * sharp)
                    - 0.012 * scene.noise(kind + 3, x * 14.0 + shift)
            });
            let haze = colour.mix(mist, 0.62 - 0.25 * t);
            self.canvas
                .fill_below(|x| at(&table, x), colour, haze, height * 1.05);
        }
    }

    /// Samples a curve once, so that filling under it is cheap. Read it with [`at`].
    pub(super) fn curve(&self, height: impl Fn(&Self, f32) -> f32) -> Vec<f32> {
        let steps = (self.width() * SAMPLES) as usize + 2;
        (0..steps)
            .map(|step| height(self, step as f32 / SAMPLES))
            .collect()
    }

    /// A soft band of mist across the whole picture.
    pub(super) fn mist(&mut self, y: f32, thickness: f32, strength: f32) {
        let colour = self.light.mist;
        let width = self.width();
        let drift = self.between(0.0, 50.0);
        let table = self.curve(|scene, x| 0.6 + 0.4 * scene.noise(91, x * 1.7 + drift));
        let outline = [
            (0.0, y - thickness),
            (width, y - thickness),
            (width, y + thickness),
            (0.0, y + thickness),
        ];
        self.canvas.fill_with(&outline, |x, row| {
            let off = (row - y) / thickness;
            let soft = (1.0 - off * off).max(0.0);
            (
                colour,
                soft * soft * strength * at(&table, x).clamp(0.0, 1.0),
            )
        });
    }

    /// Ground from the curve around `horizon` to the bottom edge, lighter far away.
    pub(super) fn ground(&mut self, horizon: f32, colour: Colour) {
        let shift = self.between(0.0, 30.0);
        let table = self.curve(|scene, x| horizon + 0.012 * scene.noise(71, x * 1.5 + shift));
        self.canvas.fill_below(
            |x| at(&table, x),
            colour.lighter(0.22),
            colour.darker(0.14),
            1.0 - horizon,
        );
    }
}

const SAMPLES: f32 = 240.0;

/// The height of a sampled curve at `x`.
pub(super) fn at(curve: &[f32], x: f32) -> f32 {
    let place = (x * SAMPLES).max(0.0);
    let index = place as usize;
    match (curve.get(index), curve.get(index + 1)) {
        (Some(from), Some(to)) => from + (to - from) * (place - index as f32),
        _ => curve.last().copied().unwrap_or(1.0),
    }
}
