//! The public keys, for systems that verify access tokens themselves (RFC 7517).
use crate::app::App;
use crate::error::Result;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use domain::Utc;
use serde::Serialize;
use utoipa::ToSchema;

/// A public key.
#[derive(Serialize, ToSchema)]
pub struct PublicKey {
    /// Always `OKP`.
    #[schema(example = "OKP")]
    kty: &'static str,
    /// Always `Ed25519`.
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// Always `sig`.
    #[schema(example = "sig")]
    r#use: &'static str,
    /// Always `EdDSA`.
    #[schema(example = "EdDSA")]
    alg: &'static str,
    /// Its name, as in the head of a token.
    #[schema(example = "6e9c0a4b1d2f3a55")]
    kid: String,
    /// The key, base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
}

/// The public keys.
#[derive(Serialize, ToSchema)]
pub struct KeySet {
    /// Those that verify now, or will sign soon.
    #[schema(max_items = 100)]
    keys: Vec<PublicKey>,
}

/// `GET /.well-known/jwks.json`
pub async fn jwks(app: web::Data<App>) -> Result<HttpResponse> {
    std::future::ready(()).await;
    let signing = app.keys.signing();
    let keys = signing.good(Utc::now()).map(|k| PublicKey {
        kty: "OKP",
        crv: "Ed25519",
        r#use: "sig",
        alg: "EdDSA",
        kid: k.kid.clone(),
        x: k.public.clone(),
    });
    let set = KeySet { keys: keys.collect() };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=60")).json(set))
}
