//! `GET /{resource}/export`: every record the conditions meet, one JSON object a line, at constant memory.
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::{Listing, pairs};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use domain::Rule;
use persistence::shown::Framing;
use persistence::{Conn, Store};
use tokio::sync::mpsc;

/// Records read and sent at a time.
const PAGE: i64 = 500;
/// Pages that wait for a slow reader; then no more are read.
const WAITING: usize = 2;

/// The handler.
pub async fn export<R: Store>(permit: Permit<R, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let odd = pairs(&req)?.into_iter().find(|(n, _)| !n.starts_with("filter[") && n != "q");
    if let Some((name, _)) = odd {
        return Err(ApiError::parameter(&name, Rule::UnknownParameter));
    }
    let mut query = Listing::read::<R>(&permit.app, &permit.identity, &req)?.query;
    query.limit = 1;
    // A filter that cannot be read is a 400, which must be known before the first byte.
    let (scope, probe) = (permit.scope(), query.clone());
    permit.app.db.read_long(move |c| R::list(c, &scope, &probe)).await?;
    query.limit = PAGE;
    let (sender, receiver) = mpsc::channel::<std::result::Result<Bytes, std::io::Error>>(WAITING);
    let (scope, sight, app) = (permit.scope(), permit.identity.sight(), permit.app.clone());
    // Between two pages nothing is held but the page that waits: a slow reader stands in nobody's way.
    actix_web::rt::spawn(async move {
        loop {
            let (scope, asked) = (scope.clone(), query.clone());
            let read = move |c: &mut Conn| R::list_shown(c, &scope, &asked, sight, Framing::LINES);
            let (sent, next) = match app.db.read_long(read).await {
                Ok(page) => (sender.send(Ok(page.items.into_text().into())).await, page.next),
                Err(e) => {
                    // The status is sent; a cut connection is how the reader learns that lines are missing.
                    tracing::error!(cause = %e, "an export was cut short");
                    (sender.send(Err(std::io::Error::other("export failed"))).await, None)
                }
            };
            match next {
                Some(next) if sent.is_ok() => query.after = Some(next),
                _ => return,
            }
        }
    });
    let body = futures_util::stream::unfold(receiver, |mut r| async { r.recv().await.map(|chunk| (chunk, r)) });
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(body))
}
