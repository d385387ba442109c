//! How the sites of the demo look: set up as their units could have done it in the newsroom.

use crate::content::{Content, SiteBanner, SiteFace};
use anyhow::Context;
use shared::face::{Banner, stored};
use shared::newsroom::upload;
use shared::site::Site;
use std::io::Cursor;
use std::sync::Arc;

/// Banners are four times as wide as they are high.
const WIDTH: u32 = 1_600;
/// And this high.
const HEIGHT: u32 = 400;

/// Sets up the site of `unit`, if the content says how it looks.
pub async fn wear(site: &Arc<Site>, unit: &str, content: &Content) -> anyhow::Result<()> {
    let Some(told) = content.face_of(unit) else {
        return Ok(());
    };
    let SiteFace { mut face, .. } = told.clone();
    if let Some(banner) = &told.banner {
        face.banners.push(hung(site, banner).await?);
    }
    site.db
        .write(move |tx| Box::pin(async move { stored::save(tx, face, 0).await }))
        .await
        .with_context(|| format!("giao diện của {unit}"))?;
    Ok(())
}

/// A banner whose picture has come in as any upload does.
async fn hung(site: &Arc<Site>, banner: &SiteBanner) -> anyhow::Result<Banner> {
    let subject = banner.subject.clone();
    let png = tokio::task::spawn_blocking(move || {
        let pixels = pictures::paint(&subject, 1, WIDTH, HEIGHT);
        let mut png = Cursor::new(Vec::new());
        image::DynamicImage::from(pixels).write_to(&mut png, image::ImageFormat::Png)?;
        anyhow::Ok(png.into_inner())
    })
    .await??;
    let kept = upload::keep_picture(site, "bang.png", png.into(), None).await?;
    Ok(Banner {
        picture: kept.digest,
        alt: banner.alt.clone(),
        link: Some(banner.link.clone()),
        until: None,
    })
}
