//! The heads of members' audit records: kept here, so that a member cannot write its history anew unseen.

pub mod record;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use record::Noted;
use shared::audit::heads::{Heard, Report};
use shared::audit::{self, Action, Actor, Subject};
use shared::directory::site_record;
use shared::error::Result;
use shared::problem::Problem;
use shared::site::Site;
use shared::sync::{VERSION, nonce, read_document, wire};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest report, in bytes.
const LARGEST: usize = 16 * 1024;

/// The route.
pub fn routes() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(hear))
}

/// Hears how the audit record of a member stands, and compares it with what the member said before.
#[utoipa::path(
    post, path = "/v1/audit", tag = "sync", request_body = Report,
    responses((status = 200, body = Heard), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn hear(State(site): State<Arc<Site>>, request: Request) -> Result<Response<Body>> {
    let (signed, body) = wire::open(&site, request, LARGEST).await?;
    let report: Report = read_document(&body)?;
    let (member, verified) = (signed.peer.site_id, signed.verified.clone());
    let now = site.clock.now().timestamp_millis();
    let noted = site
        .db
        .write(move |tx| {
            Box::pin(async move {
                nonce::use_up(tx, &verified).await?;
                let noted = record::note(tx, member, &report, now).await?;
                if noted.is_news {
                    let subject = match site_record::find(tx, member).await? {
                        Some(member) => Subject::site(&member),
                        None => Subject::none(),
                    };
                    let action = Action::MemberHeadMismatch;
                    audit::record(tx, &Actor::System, action, subject, now).await?;
                }
                Ok(noted)
            })
        })
        .await?;
    tell(member, &noted);
    let heard = Heard {
        v: VERSION,
        asks: noted.asks,
        agrees: noted.agrees,
    };
    let answer = serde_json::to_vec(&heard).map_err(anyhow::Error::new)?;
    wire::answer(&site, &signed.verified.nonce, wire::JSON, answer)
}

fn tell(member: uuid::Uuid, noted: &Noted) {
    if noted.is_news {
        metrics::counter!("member_audit_mismatches_total").increment(1);
        tracing::error!(
            site.id = %member,
            "the audit record of a member is not the one it told of before"
        );
    }
}
