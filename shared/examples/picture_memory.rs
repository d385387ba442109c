//! How much memory ten pictures of twelve megapixels take that come in at once.
//!
//! ```sh
//! cargo run --release -p shared --features testing --example picture_memory
//! ```
//!
//! In a temporary folder; it ends by itself.

use shared::media::picture;
use shared::newsroom::upload;
use std::time::Instant;

/// Pictures at once.
const PICTURES: u32 = 10;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let site = shared::testing::site().await;
    let photograph: bytes::Bytes = photograph()?.into();
    println!(
        "{PICTURES} pictures of 4,000 x 3,000 pixels, {} kB each",
        photograph.len() / 1_000
    );
    let before = resident("VmRSS")?;
    let began = Instant::now();
    let all = (0..PICTURES).map(|number| {
        // Not the same bytes twice: a picture that is there already is not kept again.
        let mut own = photograph.to_vec();
        own.extend(number.to_be_bytes());
        upload::keep_picture(&site, "anh.jpg", own.into(), None)
    });
    for kept in futures_util::future::join_all(all).await {
        kept.map_err(anyhow::Error::new)?;
    }
    println!(
        "{:.1} s; {before} MiB before, {} MiB at the peak",
        began.elapsed().as_secs_f64(),
        resident("VmHWM")?
    );
    Ok(())
}

/// A sky, hills and grain: neither the easiest nor the hardest there is.
fn photograph() -> anyhow::Result<Vec<u8>> {
    let mut seed = 7_u32;
    let pixels = image::RgbImage::from_fn(4_000, 3_000, |x, y| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (seed >> 28) as u8;
        let hill = 1_500 + ((f64::from(x) / 300.0).sin() * 200.0) as u32;
        match y < hill {
            true => image::Rgb([120 + grain, 160 + (y / 40) as u8, 220]),
            false => image::Rgb([60 + grain, 110 + grain, (y / 40) as u8]),
        }
    });
    picture::jpeg(&pixels.into(), 90).map_err(|error| anyhow::anyhow!("{error}"))
}

/// A line of what Linux says of this process, in MiB.
fn resident(name: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name));
    let kibibytes = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kibibytes.unwrap_or("0").parse::<u64>()? / 1_024)
}
