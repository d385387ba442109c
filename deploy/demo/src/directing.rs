//! What the administrators of the province did: a warning above the pages of the communes, and two months that are
//! ranked, of which the one before is told to the members.

use crate::province::{self, Layout};
use anyhow::Context;
use chrono::{Datelike, TimeDelta};
use hub::bulletins::{Order, order};
use hub::ranking::period::{self, Act};
use hub::ranking::span::{Kind, Span};
use shared::audit::Actor;
use shared::bulletins::{Bulletin, Level};
use shared::site::Site;
use shared::sync::Selector;
use shared::vietnamese;
use std::sync::Arc;

/// Who said it.
const SAID_BY: &str = "Nguyễn Văn Ví";
/// How long it stands.
const STANDS: TimeDelta = TimeDelta::days(20);

/// Warns the communes. No site runs meanwhile; they hear of it once they do.
pub async fn warn(layout: &Layout) -> anyhow::Result<()> {
    let hub = province::open_hub(&layout.hub.folder).await?;
    let now = hub.clock.now();
    let bulletin = Bulletin {
        level: Level::Warning,
        text:
            "Nguy cơ cháy rừng cấp IV: không đốt nương, không mang lửa vào rừng; thấy cháy gọi 114."
                .to_owned(),
        issuer: "Chi cục Kiểm lâm tỉnh".to_owned(),
        from: now.timestamp_millis(),
        until: (now + STANDS).timestamp_millis(),
        receivers: vec![Selector::Level("xa".to_owned())],
        more: None,
        outage: None,
        lifted: None,
    };
    let order_of = Order {
        of: None,
        bulletin,
        by: SAID_BY.to_owned(),
        actor: Actor::CommandLine,
    };
    order(&hub, order_of).await?;
    Ok(())
}

/// Counts the month before and tells the members, and opens this one; once, when the hub holds what they published.
pub async fn rank(hub: &Arc<Site>) -> anyhow::Result<()> {
    if !period::all(hub.db.reader()).await?.is_empty() {
        return Ok(());
    }
    let now = hub.clock.now();
    // On its last day a month is not over yet.
    let yesterday = vietnamese::local(now - TimeDelta::days(1)).date_naive();
    let before = Span::latest(Kind::Month, yesterday).context("không có tháng trước")?;
    let told = period::open(hub, before, &Actor::CommandLine).await?;
    period::count(hub, told, Act::OpenWindow, &Actor::CommandLine).await?;
    let next_day = before.to.succ_opt();
    let this = next_day.and_then(|first| Span::of(Kind::Month, first.year(), first.month()));
    let this = this.context("không có tháng này")?;
    period::open(hub, this, &Actor::CommandLine).await?;
    Ok(())
}
