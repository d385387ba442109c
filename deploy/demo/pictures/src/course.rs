//! The course of a river, path or road that comes towards the viewer.

use std::f32::consts::PI;

use super::canvas::Point;

/// A bent line from a far point down to the bottom edge, with `t` running from 0 to 1 along it.
#[derive(Clone, Copy)]
pub(super) struct Course {
    /// Where it begins in the distance.
    pub(super) far: Point,
    /// Where it leaves the picture at the bottom.
    pub(super) near: f32,
    /// How far it swings aside, and to which side.
    pub(super) bend: f32,
}

impl Course {
    /// The middle of the course.
    pub(super) fn middle(&self, t: f32) -> Point {
        let swing = self.bend * (t * PI * 1.6).sin() * (0.25 + 0.75 * t);
        let x = self.far.0 + (self.near - self.far.0) * t * t + swing;
        (x, self.far.1 + (1.02 - self.far.1) * t.powf(1.5))
    }

    /// The point `share` of the half width beside the middle, for a course `widths` wide at its two ends.
    pub(super) fn beside(&self, t: f32, share: f32, widths: (f32, f32)) -> Point {
        let (x, y) = self.middle(t);
        (x + share * half_width(t, widths), y)
    }

    /// Both banks of a course `widths` wide at its two ends.
    pub(super) fn outline(&self, widths: (f32, f32)) -> Vec<Point> {
        let steps = 40;
        let left = (0..=steps).map(|step| (step, -1.0));
        let right = (0..=steps).rev().map(|step| (step, 1.0));
        left.chain(right)
            .map(|(step, side)| self.beside(step as f32 / steps as f32, side, widths))
            .collect()
    }
}

/// Half the width at `t` of a course `widths` wide at its two ends.
pub(super) fn half_width(t: f32, widths: (f32, f32)) -> f32 {
    (widths.0 + (widths.1 - widths.0) * t.powf(1.9)) / 2.0
}
