//! One error type for handlers: a page for people, a problem document for programs.
//!
//! A handler returns [`Error`]; [`present`] stands around all routes and decides who is
//! asking. Inner causes go to the log, once, with the request id; outward goes only what a
//! visitor or a peer can act on.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;
use utoipa::ToSchema;

use crate::pages::language::{Language, filters};
use crate::pages::visit::Visit;
use crate::problem::{self, Problem, ProblemKind};
use crate::screening::Secret;
use crate::server::RequestId;
use crate::storage;

/// Where a person who must sign in is sent; the page to go on to follows in `tiep`.
pub const SIGN_IN_PATH: &str = "/quan-tri/dang-nhap";
/// Where a person gives the password or a code once more.
pub const CONFIRM_PATH: &str = "/quan-tri/xac-nhan";
/// Where a person sets up the second factor they need.
pub const SECOND_FACTOR_PATH: &str = "/quan-tri/tai-khoan/hai-lop";

/// What a handler gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not served.
#[derive(Debug, ThisError)]
pub enum Error {
    /// Nothing is at this address, or nothing that this visitor may know of.
    #[error("không tìm thấy")]
    NotFound,
    /// Something was here and has been withdrawn or recalled for good.
    #[error("đã thu hồi: {}", .0.title)]
    Gone(Gone),
    /// Signed in, but without the right to do this.
    #[error("không có quyền")]
    Forbidden,
    /// Nobody is signed in: people are sent to the sign-in page.
    #[error("cần đăng nhập")]
    SignInNeeded,
    /// The person has to set up a second factor before anything else.
    #[error("cần đặt xác thực hai lớp")]
    SecondFactorNeeded,
    /// The person has to give the password or a code once more.
    #[error("cần xác nhận lại")]
    ConfirmationNeeded,
    /// What was filled in cannot be accepted, field by field.
    #[error("{} mục chưa hợp lệ", .0.len())]
    Invalid(Vec<FieldError>),
    /// It bears a secrecy mark and must not be stored.
    #[error("có dấu chỉ độ mật")]
    Secret(Box<Secret>),
    /// It contradicts what has happened meanwhile; the text tells a person what to do.
    #[error("{0}")]
    Conflict(String),
    /// A problem of the wire protocol, or any other with a kind of its own.
    #[error("{}", .0.title)]
    Problem(Problem),
    /// The database failed.
    #[error("lỗi cơ sở dữ liệu")]
    Storage(#[from] DbErr),
    /// A file or socket failed.
    #[error("lỗi đọc hoặc ghi tệp")]
    Io(#[from] std::io::Error),
    /// Anything else that is our fault.
    #[error("lỗi bên trong")]
    Internal(#[from] anyhow::Error),
}

/// What a visitor is told about something that is no longer public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gone {
    /// What it was called.
    pub title: String,
    /// Why it was taken away.
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// One field of a form or document and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The field's name in the form, or its path in the document.
    pub field: String,
    /// What to mend, in Vietnamese.
    pub message: String,
}

impl FieldError {
    /// Says what is wrong with `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<ProblemKind> for Error {
    fn from(kind: ProblemKind) -> Self {
        Self::Problem(Problem::new(kind))
    }
}

impl Error {
    /// A single field that cannot be accepted.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// What is said outward about it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new(ProblemKind::NotFound),
            Self::Gone(gone) => Problem::new(ProblemKind::NotFound)
                .status(StatusCode::GONE)
                .detail(&gone.reason)
                .with("since", gone.since),
            Self::Forbidden => Problem::new(ProblemKind::Forbidden),
            Self::SignInNeeded => Problem::new(ProblemKind::Unauthenticated),
            Self::SecondFactorNeeded => Problem::new(ProblemKind::Forbidden)
                .detail("Tài khoản này cần bật xác thực hai lớp trước."),
            Self::ConfirmationNeeded => Problem::new(ProblemKind::Forbidden)
                .detail("Việc này cần nhập lại mật khẩu hoặc mã xác thực trước."),
            Self::Invalid(fields) => Problem::new(ProblemKind::Malformed)
                .status(StatusCode::UNPROCESSABLE_ENTITY)
                .detail("Một số mục chưa hợp lệ, xin xem lại.")
                .with("errors", fields),
            Self::Secret(secret) => Problem::new(ProblemKind::ScreeningSecret)
                .detail("Nội dung có dấu chỉ độ mật: không lưu, không gửi gì. Hãy xóa khỏi máy đang dùng.")
                .with("errors", secret.field_errors()),
            Self::Conflict(detail) => Problem::new(ProblemKind::Conflict).detail(detail),
            Self::Problem(problem) => problem.clone(),
            Self::Storage(cause) => storage_problem(cause),
            Self::Io(cause) if cause.kind() == std::io::ErrorKind::StorageFull => {
                Problem::new(ProblemKind::StorageFull)
            }
            Self::Io(_) | Self::Internal(_) => Problem::new(ProblemKind::Internal),
        }
    }

    /// The chain of inner causes, for the log only.
    fn cause(&self) -> Option<String> {
        match self {
            Self::Storage(cause) => Some(chain(cause)),
            Self::Io(cause) => Some(chain(cause)),
            Self::Internal(cause) => Some(chain(cause.as_ref())),
            _ => None,
        }
    }
}

impl IntoResponse for Error {
    /// A problem document that carries what [`present`] needs to tell people more.
    fn into_response(self) -> Response {
        crate::scrub::notice::row(&self);
        let mut response = self.problem().into_response();
        let cause = self.cause().map(Arc::from);
        let background = match self {
            Self::Gone(gone) => Background::Gone(gone),
            Self::Invalid(fields) => Background::Invalid(fields),
            Self::Secret(secret) => Background::Invalid(secret.field_errors()),
            Self::SignInNeeded => Background::First(SIGN_IN_PATH),
            Self::SecondFactorNeeded => Background::First(SECOND_FACTOR_PATH),
            Self::ConfirmationNeeded => Background::First(CONFIRM_PATH),
            _ => Background::None,
        };
        response.extensions_mut().insert(Told { background, cause });
        response
    }
}

/// What an error response carries besides its problem document.
#[derive(Clone)]
struct Told {
    background: Background,
    cause: Option<Arc<str>>,
}

#[derive(Clone)]
enum Background {
    None,
    Gone(Gone),
    Invalid(Vec<FieldError>),
    /// Something else comes first, at this path.
    First(&'static str),
}

/// A full disk and a busy database pass; the rest is a fault of ours.
fn storage_problem(cause: &DbErr) -> Problem {
    if matches!(cause, DbErr::ConnectionAcquire(_)) {
        return busy();
    }
    match storage::code(cause).as_deref() {
        // SQLITE_FULL; PostgreSQL's disk_full.
        Some("13" | "53100") => Problem::new(ProblemKind::StorageFull),
        // SQLITE_BUSY and BUSY_SNAPSHOT; PostgreSQL's too_many_connections, serialization
        // failure, deadlock, admin shutdown and cannot_connect_now.
        Some("5" | "517" | "53300" | "40001" | "40P01" | "57P01" | "57P03") => busy(),
        _ => Problem::new(ProblemKind::Internal),
    }
}

fn busy() -> Problem {
    Problem::new(ProblemKind::Unavailable).retry_after(Duration::from_secs(2))
}

/// An error and all it came from, in one line.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        // Many libraries repeat the source in their own message.
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        next = cause.source();
    }
    text
}

/// What an error page has to say; a [`Renderer`] turns it into HTML.
#[derive(Clone, Debug)]
pub struct ErrorPage {
    /// The HTTP status.
    pub status: StatusCode,
    /// The kind of trouble.
    pub kind: ProblemKind,
    /// The headline.
    pub title: String,
    /// What happened and how to go on.
    pub message: String,
    /// For a form that was not accepted: what to mend.
    pub fields: Vec<FieldError>,
    /// For something withdrawn: what it was.
    pub gone: Option<Gone>,
    /// By which an operator finds the request in the log.
    pub request_id: Option<RequestId>,
    /// The host that was asked, where several sites share a server.
    pub host: Option<String>,
    /// The path that was asked for.
    pub path: String,
    /// The cookies sent along: how the reader wants pages shown is among them.
    pub cookies: Option<HeaderValue>,
}

/// Turns an error into a page with the site's own look; it may ask the database for the menu.
pub type Renderer = Arc<dyn Fn(ErrorPage) -> BoxFuture<'static, String> + Send + Sync>;

/// The renderer of a server without a look of its own: a plain page, whole and accessible.
pub fn plain_renderer() -> Renderer {
    Arc::new(|page| Box::pin(std::future::ready(plain(&page))))
}

fn plain(page: &ErrorPage) -> String {
    let visit = Visit::new(page.path.clone(), page.cookies.as_ref());
    let language = visit.display.language;
    let drawn = PlainPage { page, language }.render_with_values(&language);
    drawn.unwrap_or_else(|_| page.title.clone())
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="{{ language.code() }}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{ page.title|t }}</title></head>
<body><main>
<h1>{{ page.title|t }}</h1>
{% if let Some(gone) = page.gone %}<p{{ gone.title|lang_of }}><strong>{{ gone.title }}</strong></p>
{% endif %}<p>{{ page.message|told }}</p>
{% if !page.fields.is_empty() %}<ul>{% for field in page.fields %}<li>{{ field.message|told }}</li>{% endfor %}</ul>
{% endif %}<p><a href="/">{{ "Về trang chủ"|t }}</a></p>
{% if let Some(id) = page.request_id %}<p>{{ "Mã yêu cầu: {}"|part1 }}<code>{{ id }}</code></p>
{% endif %}</main></body>
</html>
"#
)]
struct PlainPage<'a> {
    page: &'a ErrorPage,
    language: Language,
}

/// The layer around all routes that gives errors their form and logs their causes, once.
///
/// Programs (`/v1/…`, or whoever asks for JSON) get the problem document with the request id
/// as `instance`; people get a page. What axum itself answers in plain text (no such route,
/// wrong method, unreadable body) is treated the same.
pub async fn present(State(renderer): State<Renderer>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let mut response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let told = response.extensions_mut().remove::<Told>();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_bare(response.headers()) => {
            let words = std::mem::take(response.body_mut());
            bare_problem(status, words).await
        }
        // A handler's own page or document for this error.
        None => return response,
    };
    let cause = told.as_ref().and_then(|told| told.cause.as_deref());
    if status.is_server_error() || cause.is_some() {
        asked.log(&problem, cause);
    }

    let background = told.map_or(Background::None, |told| told.background);
    let first = match background {
        Background::First(path) if asked.may_be_led(path) => Some(path),
        _ => None,
    };
    if asked.by_program {
        asked.answer_program(response, problem)
    } else if let Some(path) = first {
        asked.send_to(path, response)
    } else {
        let page = asked.page(problem, background);
        answer_person(response, draw(&renderer, page).await)
    }
}

/// The page; a renderer that breaks must not turn an error page into a torn connection.
async fn draw(renderer: &Renderer, page: ErrorPage) -> String {
    let drawing = AssertUnwindSafe(async { renderer(page.clone()).await });
    drawing.catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(
            request.id = page.request_id.map(tracing::field::display),
            "the error page could not be drawn"
        );
        plain(&page)
    })
}

/// Whether nobody gave the response a form: axum's own answers are plain text or empty.
fn is_bare(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

async fn bare_problem(status: StatusCode, words: Body) -> Problem {
    let problem = Problem::new(ProblemKind::for_status(status.as_u16())).status(status);
    if status.is_server_error() {
        return problem; // It may name our inner types.
    }
    // An extractor's complaint helps whoever wrote the request; it is about the request alone.
    match to_bytes(words, 4096).await {
        Ok(words) if !words.is_empty() => problem.with("hint", String::from_utf8_lossy(&words)),
        _ => problem,
    }
}

/// What of a request is needed once it has been answered.
pub(crate) struct Asked {
    id: Option<RequestId>,
    method: Method,
    path: String,
    query: Option<String>,
    host: Option<String>,
    cookies: Option<HeaderValue>,
    by_program: bool,
}

impl Asked {
    /// What will be needed of `request`.
    pub(crate) fn of(request: &Request) -> Self {
        let path = request.uri().path();
        Self {
            id: request.extensions().get::<RequestId>().copied(),
            method: request.method().clone(),
            path: path.to_owned(),
            query: request.uri().query().map(str::to_owned),
            host: text(request.headers(), header::HOST),
            cookies: request.headers().get(header::COOKIE).cloned(),
            by_program: path.starts_with("/v1/") || asks_for_json(request.headers()),
        }
    }

    fn log(&self, problem: &Problem, cause: Option<&str>) {
        tracing::error!(
            request.id = self.id.map(tracing::field::display),
            http.method = %self.method,
            http.path = %self.path,
            http.host = self.host.as_deref(),
            http.status = problem.status,
            problem = problem.kind.slug(),
            cause,
            "request failed"
        );
    }

    /// The answer to who cannot be served now: no log line, no look of the site, and nothing asked of a
    /// database that has no time.
    pub(crate) fn turn_away(self, problem: Problem) -> Response {
        let response = problem.clone().into_response();
        if self.by_program {
            self.answer_program(response, problem)
        } else {
            answer_person(response, plain(&self.page(problem, Background::None)))
        }
    }

    fn answer_program(&self, response: Response, mut problem: Problem) -> Response {
        problem.instance = self.id.map(|id| format!("urn:uuid:{id}"));
        refill(response, problem::CONTENT_TYPE, problem.to_json())
    }

    /// Only a page that was merely looked at can be shown again after signing in. Who is signed in is
    /// led on from a form as well, and then fills it in again.
    fn may_be_led(&self, first: &str) -> bool {
        self.path != first && (self.is_a_look() || first != SIGN_IN_PATH)
    }

    fn is_a_look(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    fn send_to(&self, first: &str, response: Response) -> Response {
        let mut wanted = self.path.clone();
        if let Some(query) = self.query.as_ref().filter(|_| self.is_a_look()) {
            wanted.push('?');
            wanted.push_str(query);
        }
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("tiep", &wanted)
            .finish();
        let mut response = refill(response, "text/html; charset=utf-8", Vec::new());
        *response.status_mut() = StatusCode::SEE_OTHER;
        response.headers_mut().insert(
            header::LOCATION,
            HeaderValue::from_str(&format!("{first}?{query}")).expect("form encoding is ASCII"),
        );
        response
    }

    fn page(self, problem: Problem, background: Background) -> ErrorPage {
        let message = problem
            .detail
            .clone()
            .unwrap_or_else(|| advice(problem.kind).to_owned());
        let (fields, gone) = match background {
            Background::Invalid(fields) => (fields, None),
            Background::Gone(gone) => (Vec::new(), Some(gone)),
            Background::First(_) | Background::None => (Vec::new(), None),
        };
        ErrorPage {
            status: problem.status_code(),
            kind: problem.kind,
            title: if gone.is_some() {
                "Nội dung đã được thu hồi".to_owned()
            } else {
                problem.title
            },
            message,
            fields,
            gone,
            request_id: self.id,
            host: self.host,
            path: self.path,
            cookies: self.cookies,
        }
    }
}

fn answer_person(response: Response, page: String) -> Response {
    refill(response, "text/html; charset=utf-8", page.into_bytes())
}

/// The same response, its status and headers kept (`Allow`, `Retry-After`, `Accept-Signature`),
/// with another body.
fn refill(response: Response, content_type: &'static str, body: Vec<u8>) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // What is missing or broken now may be there in a minute.
    parts
        .headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    Response::from_parts(parts, Body::from(body))
}

/// A sentence for people and a way on, where the problem has none of its own.
fn advice(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::NotFound | ProblemKind::StreamUnknown => {
            "Trang này không có hoặc đã được chuyển đi. Xin kiểm tra lại địa chỉ, tìm kiếm hoặc quay về trang chủ."
        }
        ProblemKind::Forbidden => {
            "Tài khoản của bạn không có quyền làm việc này. Nếu cần, xin liên hệ quản trị viên của đơn vị."
        }
        ProblemKind::Unauthenticated => "Xin đăng nhập rồi thử lại.",
        ProblemKind::RateLimited => "Bạn thao tác quá nhanh. Xin đợi một lát rồi thử lại.",
        ProblemKind::TooLarge => {
            "Tệp hoặc nội dung gửi lên vượt quá giới hạn. Xin giảm dung lượng rồi gửi lại."
        }
        ProblemKind::Conflict => {
            "Dữ liệu đã được người khác thay đổi. Xin tải lại trang rồi làm lại."
        }
        ProblemKind::StorageFull => {
            "Máy chủ đã hết chỗ lưu nên chưa nhận được nội dung mới. Những gì đã lưu vẫn còn nguyên."
        }
        ProblemKind::Unavailable | ProblemKind::Timeout => {
            "Máy chủ đang bận hoặc đang bảo trì. Xin thử lại sau ít phút."
        }
        ProblemKind::Internal => {
            "Đã có lỗi xảy ra ở phía máy chủ và đã được ghi lại. Xin thử lại sau ít phút; nếu vẫn lỗi, xin báo mã yêu cầu cho quản trị viên."
        }
        ProblemKind::HostUnknown => "Xin kiểm tra lại tên miền trong thanh địa chỉ.",
        _ => "Yêu cầu không thực hiện được. Xin kiểm tra lại rồi thử lại.",
    }
}

/// A caller that names a JSON type and no HTML is a program.
/// Whether a program asks, and not a person.
pub(crate) fn asks_for_json(headers: &HeaderMap) -> bool {
    text(headers, header::ACCEPT)
        .is_some_and(|accept| accept.contains("json") && !accept.contains("text/html"))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
