//! Pictures of pages, as files of the documents.

use image::{DynamicImage, ImageFormat, imageops};
use std::path::Path;
use tests::browser::Browser;

/// Width of a window in which the pages look as in an office, and can still be read in a manual.
#[allow(
    dead_code,
    reason = "not every program that makes pictures makes them for a manual"
)]
pub(crate) const WIDTH: u32 = 1024;
/// Highest picture of a manual; what is below it is cut off.
const HIGHEST: u32 = 640;
/// Largest file of a manual.
const LARGEST: usize = 60_000;

/// Keeps what `selector` finds, or what is in the window, as the picture `name` of the manuals.
#[allow(dead_code, reason = "as above")]
pub(crate) async fn keep(name: &str, browser: &Browser, selector: Option<&str>) {
    let png = browser.picture(selector).await;
    let picture = image::load_from_memory_with_format(&png, ImageFormat::Png).expect("a picture");
    // A telephone shows two points for each; half of them are enough here.
    let picture = match browser.is_telephone() {
        true => picture.resize(360, 2 * HIGHEST, imageops::FilterType::Triangle),
        false => picture,
    };
    let (width, height) = (picture.width(), picture.height().min(HIGHEST));
    let picture = picture.crop_imm(0, 0, width, height);
    write("docs/manuals/anh", name, picture, LARGEST);
}

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
