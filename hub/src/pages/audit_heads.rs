//! `/quan-tri/don-vi/nhat-ky`: whether the audit record of each member is the one it told of before.

use crate::audit_heads::record::{self, mismatch};
use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use shared::accounts::Right;
use shared::audit::{self, Action, Subject};
use shared::directory::site_record;
use shared::error::{Error, Result};
use shared::log::Digest;
use shared::pages::cards;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::templates::AuditHeadsPage;
use shared::pages::view::{AuditHeadRow, AuditMismatch};
use shared::units::Tree;
use shared::vietnamese::{self, grouped};
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/don-vi/nhat-ky";

pub(super) async fn list(at: AtDesk) -> Result<Response> {
    let db = at.site.db.reader();
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let tree = shared::units::tree_on(db, today).await?;
    let mut rows = Vec::new();
    for member in site_record::all(db).await? {
        if member.id == at.site.id || member.is_feed() {
            continue;
        }
        rows.push(row(&at, &tree, &member).await?);
    }
    rows.sort_by_key(|row| (row.mismatch.is_none(), row.name.clone()));
    at.answer(&AuditHeadsPage {
        desk: at.desk("Nhật ký của các đơn vị", PATH).await?,
        action: PATH.to_owned(),
        may_settle: at.user.may(Right::ManageMembers),
        rows,
    })
}

async fn row(at: &AtDesk, tree: &Tree, member: &site_record::Model) -> Result<AuditHeadRow> {
    let db = at.site.db.reader();
    let newest = record::newest_of(db, member.id).await?;
    let open = record::open_of(db, member.id).await?;
    Ok(AuditHeadRow {
        id: member.id.to_string(),
        name: cards::capitalised(&tree.name_of(member.unit_id)),
        head: newest.as_ref().map(|newest| {
            let digest = short(&newest.digest);
            format!("dòng {}, {digest}", grouped(newest.seq))
        }),
        told: newest.map(|newest| cards::moment(newest.told_at)),
        mismatch: open.map(|open| in_words(&open)),
    })
}

fn in_words(open: &mismatch::Model) -> AuditMismatch {
    let seq = grouped(open.seq);
    let what = match &open.told {
        Some(told) => format!(
            "Dòng {seq} trước đây có mã băm {}, nay là {}: nhật ký từ dòng này trở về trước đã bị ghi lại.",
            short(&open.kept),
            short(told)
        ),
        None => format!(
            "Dòng {seq} trước đây có mã băm {}, nay không còn: nhật ký bị cắt ngắn, hoặc trang vừa được dựng lại từ bản sao lưu cũ hơn.",
            short(&open.kept)
        ),
    };
    AuditMismatch {
        what,
        at: cards::moment(open.noticed_at),
    }
}

/// Enough of a digest to compare by eye.
fn short(digest: &[u8]) -> String {
    let hex = Digest::from_slice(digest).map(|digest| digest.hex());
    hex.unwrap_or_default().chars().take(12).collect()
}

/// What a row's button sends.
#[derive(Debug, Deserialize)]
pub(super) struct Settled {
    csrf: String,
    id: Uuid,
}

pub(super) async fn settle(at: AtDesk, Form(settled): Form<Settled>) -> Result<Response> {
    at.user.check_form(&settled.csrf)?;
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let member = site_record::find(tx, settled.id).await?;
                let member = member.ok_or(Error::NotFound)?;
                record::settle(tx, member.id, by.name(), now).await?;
                let action = Action::MemberHeadSettled;
                audit::record(tx, &by, action, Subject::site(&member), now).await
            })
        })
        .await?;
    Ok(Redirect::to(PATH).into_response())
}
