//! Hearing out a client whose request was answered before it had finished sending.
//!
//! Closing a socket with unread bytes makes the system reset it, and the client, still
//! sending its ten-megabyte picture, never sees the page that says what the limit is.

use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::time::timeout;

/// How much more is read for politeness' sake.
const BYTES: usize = 64 * 1024 * 1024;

/// For how long at most.
const TIME: Duration = Duration::from_secs(10);

/// Reads on, and throws away, what a handler left of the request's body.
pub(super) async fn hear_out(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let unread = Unread::default();
    let request = request.map(|body| {
        Body::new(Lent {
            body,
            unread: unread.clone(),
        })
    });
    let response = next.run(request).await;
    if let Some(rest) = unread.take() {
        // hyper sends the answer meanwhile.
        tokio::spawn(timeout(TIME, discard(rest)));
    }
    response
}

/// What the handler gave back.
#[derive(Clone, Default)]
struct Unread(Arc<Mutex<Option<Body>>>);

impl Unread {
    fn put(&self, body: Body) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
    }

    fn take(&self) -> Option<Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A request's body while it is the handler's.
struct Lent {
    body: Body,
    unread: Unread,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.body.is_end_stream() {
            self.unread.put(mem::take(&mut self.body));
        }
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

async fn discard(mut body: Body) {
    let mut left = BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let size = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(size) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
