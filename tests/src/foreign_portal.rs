//! A portal that is not ours: it has an RSS feed and knows nothing of the province.

use crate::province::Province;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;
use std::convert::Infallible;
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use url::Url;

/// A portal that is not ours. Gone when dropped.
#[derive(Debug)]
pub struct ForeignPortal {
    /// Where it is.
    pub base_url: Url,
    pub(crate) at: SocketAddr,
    shown: Arc<Mutex<Shown>>,
    server: AbortHandle,
}

const RSS: &str = "application/rss+xml; charset=utf-8";

/// What it does instead of showing its feed.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Answers with these bytes, as this media type.
    Bytes(Vec<u8>, &'static str),
    /// Sends whoever asks elsewhere.
    Redirect(String),
    /// Answers with bytes that are compressed, it says.
    Compressed(Vec<u8>),
    /// Sends these bytes again and again, without end.
    Endless(&'static [u8]),
    /// Sends a byte a second, without end.
    Dribble,
    /// Shows so many articles, each time it is asked under names they never had.
    Renamed(usize),
}

#[derive(Debug, Default)]
struct Shown {
    items: Vec<(u32, String)>,
    instead: Option<Behaviour>,
    answered: u32,
    spared: u32,
}

impl ForeignPortal {
    /// Opens it on the province's network.
    ///
    /// # Panics
    /// When its address is taken.
    pub async fn open(province: &Province) -> Self {
        let host = province.host();
        let shown: Arc<Mutex<Shown>> = Arc::default();
        let routes = Router::new()
            .route("/rss.xml", get(feed))
            .with_state((host.base_url(), Arc::clone(&shown)));
        let listener = TcpListener::bind(host.public()).await.expect("a free host");
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("serves");
        });
        Self {
            base_url: host.base_url(),
            at: host.public(),
            shown,
            server: server.abort_handle(),
        }
    }

    /// Where its feed is.
    pub fn feed(&self) -> Url {
        self.base_url.join("/rss.xml").expect("a URL")
    }

    /// Shows an article under `number`, or another title for the one it shows there.
    pub fn shows(&self, number: u32, title: &str) {
        let mut shown = self.lock();
        shown.items.retain(|(known, _)| *known != number);
        shown.items.insert(0, (number, title.to_owned()));
        shown.instead = None;
    }

    /// Answers with these bytes instead of a feed.
    pub fn answers_with(&self, bytes: impl Into<Vec<u8>>) {
        self.does(Behaviour::Bytes(bytes.into(), RSS));
    }

    /// Does this instead of showing its feed.
    pub fn does(&self, behaviour: Behaviour) {
        self.lock().instead = Some(behaviour);
    }

    /// How often it was asked and had to send its feed, and how often it could say that nothing is new.
    pub fn asked(&self) -> (u32, u32) {
        let shown = self.lock();
        (shown.answered, shown.spared)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ForeignPortal {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn feed(
    State((base, shown)): State<(Url, Arc<Mutex<Shown>>)>,
    headers: HeaderMap,
) -> Response {
    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    let (body, media_type) = match shown.instead.clone() {
        None => (rss(&base, &shown.items), RSS),
        Some(Behaviour::Bytes(bytes, media_type)) => (bytes, media_type),
        Some(Behaviour::Renamed(count)) => {
            let first = shown.answered * 10_000;
            let items: Vec<(u32, String)> = (first..)
                .take(count)
                .map(|number| (number, format!("Tin đổi tên số {number}")))
                .collect();
            (rss(&base, &items), RSS)
        }
        Some(other) => {
            shown.answered += 1;
            return misbehave(other);
        }
    };
    let tag = format!("\"{}\"", shared::log::Digest::of(&body).hex());
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        shown.spared += 1;
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    shown.answered += 1;
    (
        [
            (header::CONTENT_TYPE, media_type.to_owned()),
            (header::ETAG, tag),
        ],
        body,
    )
        .into_response()
}

fn misbehave(behaviour: Behaviour) -> Response {
    let media_type = (header::CONTENT_TYPE, RSS);
    match behaviour {
        Behaviour::Bytes(bytes, _) => ([media_type], bytes).into_response(),
        Behaviour::Renamed(_) => StatusCode::OK.into_response(),
        Behaviour::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Behaviour::Compressed(bytes) => {
            let compressed = (header::CONTENT_ENCODING, "gzip");
            ([media_type, compressed], bytes).into_response()
        }
        Behaviour::Endless(again) => {
            let body = stream::repeat_with(move || Ok::<_, Infallible>(Bytes::from_static(again)));
            ([media_type], Body::from_stream(body)).into_response()
        }
        Behaviour::Dribble => {
            let body = stream::unfold((), async |()| {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), ()))
            });
            ([media_type], Body::from_stream(body)).into_response()
        }
    }
}

fn rss(base: &Url, items: &[(u32, String)]) -> Vec<u8> {
    let mut feed = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel>\
         <title>Trang cũ</title><link>{base}</link><description>Tin tức</description>"
    );
    for (number, title) in items {
        let item = write!(
            feed,
            "<item><title>{title}</title><link>{base}tin/{number}</link>\
             <guid isPermaLink=\"false\">tin-{number}</guid>\
             <pubDate>Mon, 16 Nov 2026 07:30:00 +0700</pubDate>\
             <description><![CDATA[<p>Nội dung của tin {number}.</p><script>x()</script>]]></description>\
             </item>"
        );
        item.expect("writes to memory");
    }
    feed.push_str("</channel></rss>");
    feed.into_bytes()
}
