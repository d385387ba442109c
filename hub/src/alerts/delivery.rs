//! Messages are handed over, and tried again where that fails; one that nobody takes holds up no other recipient's.

use super::mail::Mailer;
use super::message;
use super::recipient::{self, Channel, Went};
use super::webhook;
use axum::http::{HeaderName, StatusCode};
use chrono::TimeDelta;
use futures_util::future::join_all;
use shared::background;
use shared::error::Result;
use shared::http_client::Allow;
use shared::server::Shutdown;
use shared::site::Site;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How often it is looked for messages.
const PAUSE: Duration = Duration::from_secs(2);
/// Most messages of one round.
const AT_ONCE: u64 = 50;
/// How long a program may take for a message.
const DEADLINE: Duration = Duration::from_secs(15);
/// The most that is read of its answer.
const CAP: usize = 64 * 1024;
/// The longest a recipient may put us off.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Hands messages over.
#[derive(Clone)]
pub struct Delivery {
    site: Arc<Site>,
    /// None where no mail server is named.
    mailer: Option<Mailer>,
    allow: Allow,
}

impl Delivery {
    /// Delivery for `site`. Programs on private networks are reached where `allow` names them.
    pub fn new(site: Arc<Site>, mailer: Option<Mailer>, allow: Allow) -> Self {
        Self {
            site,
            mailer,
            allow,
        }
    }

    /// Whether e-mail can be sent.
    pub fn has_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// Hands over what is due, until `shutdown`.
    pub async fn keep(self, shutdown: Shutdown) {
        background::every(PAUSE, shutdown, move || {
            let delivery = self.clone();
            async move { delivery.round().await.map(drop) }
        })
        .await;
    }

    /// Tries every message that is due; how many were taken.
    pub async fn round(&self) -> Result<usize> {
        let db = self.site.db.reader();
        let due = message::due(db, self.site.clock.now().timestamp_millis(), AT_ONCE).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut by_recipient: HashMap<Uuid, Vec<message::Model>> = HashMap::new();
        for message in due {
            by_recipient
                .entry(message.recipient_id)
                .or_default()
                .push(message);
        }
        let all = by_recipient
            .into_iter()
            .map(|(recipient, messages)| self.to_one(recipient, messages));
        let mut taken = 0;
        for one in join_all(all).await {
            taken += one?;
        }
        Ok(taken)
    }

    /// Tries the messages to one recipient, in their order, until one fails.
    async fn to_one(&self, id: Uuid, messages: Vec<message::Model>) -> Result<usize> {
        let recipient = recipient::find(self.site.db.reader(), id).await?;
        let mut taken = 0;
        for message in messages {
            let (went, not_before) = self.hand_over(&recipient, &message).await;
            let now = self.site.clock.now().timestamp_millis();
            let is_well = went == Went::Well;
            if let Went::Wrong(why) | Went::Unwanted(why) = &went {
                tracing::warn!(
                    recipient.id = %id,
                    message.id = %message.id,
                    message.tries,
                    why,
                    "an alert was not taken"
                );
            }
            self.site
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        match is_well {
                            true => message::sent(tx, message.id, now).await?,
                            false => message::failed(tx, &message, not_before, now).await?,
                        }
                        recipient::note(tx, id, went, now).await
                    })
                })
                .await?;
            if !is_well {
                break;
            }
            taken += 1;
        }
        Ok(taken)
    }

    /// Hands one message over: how that went, and before when nobody is to try again.
    async fn hand_over(
        &self,
        recipient: &recipient::Model,
        message: &message::Model,
    ) -> (Went, Option<i64>) {
        match recipient.channel() {
            Some(Channel::Email) => (self.mail(recipient, message).await, None),
            Some(Channel::Webhook) => self.call(recipient, message).await,
            None => (Went::Wrong("cách báo này không còn nữa".to_owned()), None),
        }
    }

    async fn mail(&self, recipient: &recipient::Model, message: &message::Model) -> Went {
        let Some(mailer) = &self.mailer else {
            return Went::Wrong("máy chủ thư chưa được khai trong [mail] của cấu hình".to_owned());
        };
        let sent = mailer.send(
            message.id,
            &recipient.address,
            &message.subject,
            &message.words,
        );
        match sent.await {
            Ok(()) => Went::Well,
            Err(why) => Went::Wrong(why),
        }
    }

    async fn call(
        &self,
        recipient: &recipient::Model,
        message: &message::Model,
    ) -> (Went, Option<i64>) {
        let now = self.site.clock.now();
        let (id, at) = (message.id.to_string(), now.timestamp());
        let secret = recipient.secret.as_deref().unwrap_or_default();
        let Some(signature) = webhook::signature(secret, &id, at, &message.facts) else {
            return (Went::Wrong("khóa ký không đúng".to_owned()), None);
        };
        let sent = self
            .site
            .http
            .post(
                &recipient.address,
                "application/json",
                message.facts.clone(),
            )
            .header(ID, &id)
            .header(TIMESTAMP, at.to_string())
            .header(SIGNATURE, &signature)
            .allow(&self.allow)
            .deadline(DEADLINE)
            .cap(CAP)
            .send()
            .await;
        match sent {
            Ok(_) => (Went::Well, None),
            Err(error) if error.status() == Some(StatusCode::GONE.as_u16()) => {
                (Went::Unwanted(shared::error::chain(&error)), None)
            }
            Err(error) => {
                let wait = error.retry_after().map(|wait| wait.min(LONGEST_WAIT));
                let not_before = wait.and_then(|wait| Some(now + TimeDelta::from_std(wait).ok()?));
                let why = shared::error::chain(&error);
                (Went::Wrong(why), not_before.map(|at| at.timestamp_millis()))
            }
        }
    }
}
