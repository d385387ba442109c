//! Pictures of pages, as files of the documents.

use image::{DynamicImage, imageops};
use std::path::Path;

/// Writes `picture` as `name` into a folder of the repository, in at most `largest` bytes.
pub(crate) fn write(folder: &str, name: &str, picture: DynamicImage, largest: usize) {
    let file = small(picture, largest);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("{name}.webp")), &file).expect("it can be written");
    println!("{name}: {} byte", file.len());
}

/// As a file that is not too large: of a lower quality first, as long as letters stay readable, and then smaller.
fn small(mut picture: DynamicImage, largest: usize) -> Vec<u8> {
    loop {
        let plain = picture.to_rgb8();
        let encoder = webp::Encoder::from_rgb(&plain, plain.width(), plain.height());
        for quality in [85.0, 70.0, 55.0, 40.0] {
            let file = encoder.encode(quality);
            if file.len() <= largest {
                return file.to_vec();
            }
        }
        let (width, height) = (picture.width() * 7 / 8, picture.height());
        picture = picture.resize(width, height, imageops::FilterType::Triangle);
    }
}
