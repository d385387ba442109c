//! Pictures of pages, as files of the documents.

use image::{DynamicImage, ImageFormat, imageops};
use std::io::Cursor;
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

/// As a file that is not too large, a little smaller if it must be.
fn small(mut picture: DynamicImage, largest: usize) -> Vec<u8> {
    loop {
        let mut file = Cursor::new(Vec::new());
        let plain = picture.to_rgb8();
        let written = plain.write_to(&mut file, ImageFormat::WebP);
        written.expect("it can be written");
        if file.get_ref().len() <= largest {
            return file.into_inner();
        }
        let (width, height) = (picture.width() * 7 / 8, picture.height());
        picture = picture.resize(width, height, imageops::FilterType::Triangle);
    }
}
