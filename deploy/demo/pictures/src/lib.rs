//! Flat illustrations for the demo's articles, painted from nothing but a subject and a seed.
//!
//! The demo ships no photographs: nobody's picture, nobody's rights. The same subject and seed always give the same
//! picture; another seed gives another hour, another ridge line, another crowd.

mod canvas;
mod course;
mod desk;
mod nature;
mod places;
mod props;
mod scene;
mod village;

use image::RgbImage;
use scene::Scene;

type Painter = fn(&mut Scene);

const PAINTERS: [(&str, Painter); 18] = [
    ("nui-rung", nature::mountains),
    ("song-suoi", nature::stream),
    ("ruong-bac-thang", nature::terraces),
    ("nha-rong", village::communal_house),
    ("bien-dao", nature::island),
    ("truong-hoc", places::school),
    ("ca-phe", nature::coffee),
    ("le-hoi-cong-chieng", village::gong_festival),
    ("hoi-truong", places::hall),
    ("cho-phien", village::market),
    ("duong-giao-thong", places::road),
    ("mua-lu", nature::flood),
    ("sam-ngoc-linh", nature::ginseng),
    ("co-hoa", nature::meadow),
    ("canh-dong", nature::field),
    ("cua-khau", places::border_gate),
    ("may-tinh", desk::computer),
    ("tram-y-te", places::health_station),
];

/// Every subject that has a painter of its own.
pub fn subjects() -> impl Iterator<Item = &'static str> {
    PAINTERS.iter().map(|&(subject, _)| subject)
}

/// Paints `subject`; a subject without a painter becomes a mountain landscape. Sizes of zero are read as one.
pub fn paint(subject: &str, seed: u64, width: u32, height: u32) -> RgbImage {
    let painter = PAINTERS
        .iter()
        .find(|(name, _)| *name == subject)
        .map_or(nature::mountains as Painter, |&(_, painter)| painter);
    let mut scene = Scene::new(seed, width, height);
    painter(&mut scene);
    scene.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_picture_and_another_seed_another() {
        for subject in subjects() {
            let first = paint(subject, 1, 160, 90);
            assert_eq!(first, paint(subject, 1, 160, 90), "{subject}");
            assert_ne!(first, paint(subject, 2, 160, 90), "{subject}");
        }
    }

    #[test]
    fn every_subject_is_a_picture_of_its_own() {
        let pictures: Vec<_> = subjects()
            .map(|subject| paint(subject, 7, 80, 45))
            .collect();
        for (index, picture) in pictures.iter().enumerate() {
            assert!(!pictures[index + 1..].contains(picture));
        }
    }

    #[test]
    fn odd_sizes_are_painted_too() {
        for (width, height) in [(0, 0), (1, 1), (3, 200), (200, 3), (60, 90)] {
            for subject in subjects() {
                let picture = paint(subject, 5, width, height);
                assert_eq!(picture.dimensions(), (width.max(1), height.max(1)));
            }
        }
    }
}
