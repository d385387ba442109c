//! A portal that is not ours: some other system that offers nothing but RSS, as many still do.

use crate::content::{Content, Entry};
use crate::province::Layout;
use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use shared::entries::body;
use shared::server::{self, Limits, Shutdown};
use shared::vietnamese;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Where its feed is, by that system's custom.
pub const PATH: &str = "Default.aspx/rss.xml";

/// Serves the foreign portal until `shutdown`.
pub fn start(
    layout: &Layout,
    content: &Content,
    shutdown: &Shutdown,
) -> anyhow::Result<JoinHandle<std::io::Result<()>>> {
    let base = layout.foreign.base_url().to_string();
    let entries: Vec<Entry> = content.entries_of(&layout.foreign.unit).cloned().collect();
    let name = content
        .unit(&layout.foreign.unit)
        .map_or_else(String::new, |unit| unit.name.clone());
    let feed: Arc<str> = rss(&base, &name, &entries).into();
    let home: Arc<str> = front_page(&name, &entries).into();
    let feed_route = get(async move || {
        let kind = [(header::CONTENT_TYPE, "text/xml; charset=utf-8")];
        (kind, feed.to_string()).into_response()
    });
    let mut router = Router::new()
        .route(&format!("/{PATH}"), feed_route)
        .route("/", get(async move || Html(home.to_string())));
    for (number, entry) in entries.iter().enumerate() {
        let page: Arc<str> = article_page(&name, entry).into();
        router = router.route(
            &format!("/tin/{number}"),
            get(async move || Html(page.to_string())),
        );
    }
    let listener = server::listen(layout.foreign.address())?;
    Ok(tokio::spawn(server::serve(
        listener,
        router,
        Limits::default(),
        shutdown.clone(),
    )))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn rss(base: &str, name: &str, entries: &[Entry]) -> String {
    let items: String = entries
        .iter()
        .enumerate()
        .rev()
        .map(|(number, entry)| {
            format!(
                "<item><title>{title}</title><link>{base}tin/{number}</link>\
                 <guid isPermaLink=\"false\">khuyennong-{number}</guid>\
                 <pubDate>{date}</pubDate><author>{author}</author>\
                 <description>{body}</description></item>\n",
                title = escape(&entry.title),
                date = entry.published.to_rfc2822(),
                author = escape(&entry.author),
                body = escape(&format!(
                    "<p><b>{}</b></p>{}",
                    escape(&entry.lead),
                    body::from_markdown(&entry.body)
                )),
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel>\
         <title>{}</title><link>{base}</link><description>Tin khuyến nông</description>\n{items}</channel></rss>\n",
        escape(name)
    )
}

fn front_page(name: &str, entries: &[Entry]) -> String {
    let list: String = entries
        .iter()
        .enumerate()
        .rev()
        .map(|(number, entry)| {
            format!(
                "<li><a href=\"/tin/{number}\">{}</a></li>",
                escape(&entry.title)
            )
        })
        .collect();
    page(
        name,
        &format!("<ul>{list}</ul><p><a href=\"/{PATH}\">RSS</a></p>"),
    )
}

fn article_page(name: &str, entry: &Entry) -> String {
    let date = vietnamese::date(entry.published.to_utc());
    let text = body::from_markdown(&entry.body);
    let inner = format!(
        "<h2>{}</h2><p><i>{date}</i></p><p><b>{}</b></p>{text}<p><a href=\"/\">Trang chủ</a></p>",
        escape(&entry.title),
        escape(&entry.lead)
    );
    page(name, &inner)
}

fn page(name: &str, inner: &str) -> String {
    format!(
        "<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{name}</title></head>\
         <body><h1>{name}</h1><p>Dữ liệu minh họa</p>{inner}</body></html>"
    )
}
