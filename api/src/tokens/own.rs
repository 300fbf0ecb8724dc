//! What a token may know of itself, and do about itself.
use super::handlers::{Rotation, rotated};
use super::view::TokenView;
use crate::error::{ApiError, Result};
use crate::extract::{Body, SignedIn};
use actix_web::HttpResponse;
use domain::policy::Grants;
use domain::{Problem, Scope};
use persistence::tokens::{self, Token};

async fn own(caller: &SignedIn) -> Result<Token> {
    let Some((id, _)) = caller.identity.token else { return Err(ApiError::new(Problem::NotFound)) };
    Ok(caller.app.db.read(move |c| tokens::get(c, &Scope::System, id)).await?)
}

/// `GET /tokens/self`
pub async fn get(caller: SignedIn) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(TokenView::of(own(&caller).await?, None)))
}

/// `POST /tokens/self/rotate`: the successor has what the token has.
pub async fn rotate(caller: SignedIn, body: Body<Rotation>) -> Result<HttpResponse> {
    let token = own(&caller).await?;
    if !token.scopes.iter().any(|s| s == Grants::SELF_ROTATE) {
        return Err(ApiError::new(Problem::Forbidden));
    }
    let division = token.division_code.clone();
    rotated(&caller, token, &division, body.into_inner()).await
}
