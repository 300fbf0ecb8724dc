//! The routes of sign-in and sessions, mounted and documented.
use super::handlers::{self, factor, password, session};
use crate::contract::{Operation, schemas};
use crate::routes::Routes;
use domain::Problem;
use domain::policy::Action;
use serde_json::json;

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    sign_in(r);
    passwords(r);
    second_factor(r);
    sessions(r);
    crate::tokens::routes::routes(r);
}

const USER: &str = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
const SESSION: &str = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c05";
const PASSWORD: &str = "correct horse battery staple";
/// Where attempts are counted.
const SLOWED: &str = "Failures delay the next try of the account, and of the network it comes from: 429 with `Retry-After`. Nobody is locked out for ever.";

fn sign_in(r: &mut Routes) {
    let login = schemas::register::<handlers::LoginRequest>(&mut r.contract.schemas);
    let answer = schemas::register::<handlers::LoginAnswer>(&mut r.contract.schemas);
    let renew = schemas::register::<handlers::RefreshRequest>(&mut r.contract.schemas);
    let who = json!({"user_id": USER, "username": "admin", "role": "city_admin", "division_code": "371700", "session_id": SESSION});
    let refresh_token = "lg_ref_W6ph5Mm5Pz8GgiULbPgzG37mj9g8yYVrGZ8sP6a7b5c";
    let token = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9…", "token_type": "Bearer", "expires_in": 600, "refresh_token": refresh_token,
        "refresh_until": "2026-10-13T08:20:00.000Z", "session_id": SESSION, "user": who});
    r.add(
        "POST",
        "/api/v1/auth/login",
        handlers::login,
        Operation::new("login", "auth", "登录 · Sign in")
            .says(format!("Begins a session. {SLOWED}"))
            .open()
            .body(&login, json!({"username": "admin", "password": PASSWORD}))
            .answers(200, "Fresh tokens", &answer, token.clone())
            .fails(&[Problem::LoginFailed, Problem::SecondFactorRequired]),
    );
    r.add(
        "POST",
        "/api/v1/auth/refresh",
        handlers::refresh,
        Operation::new("refresh", "auth", "续期 · Prolong a session")
            .says("A refresh token is good once. Keep the key before you send it: after a lost answer the same token and key give the same successor again, for 24 hours. A used token with another key ends the session, for one of the two who have it has stolen it.")
            .open()
            .header("Idempotency-Key", true, "One for each refresh, kept by the client until it has the answer", SESSION)
            .body(&renew, json!({"refresh_token": refresh_token}))
            .answers(200, "Fresh tokens", &answer, token)
            .fails(&[Problem::SessionEnded, Problem::IdempotencyKeyRequired]),
    );
    r.add(
        "POST",
        "/api/v1/auth/logout",
        handlers::logout,
        Operation::new("logout", "auth", "退出登录 · End the caller's session")
            .silent(204, "Ended", &[])
            .fails(&[Problem::InPerson]),
    );
    let key = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "6e9c0a4b1d2f3a55", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let set = schemas::register::<handlers::jwks::KeySet>(&mut r.contract.schemas);
    r.add(
        "GET",
        "/.well-known/jwks.json",
        handlers::jwks::jwks,
        Operation::new("get_keys", "auth", "公钥 · The keys that access tokens are signed with").open().answers(
            200,
            "The keys that verify now or soon",
            &set,
            json!({"keys": [key]}),
        ),
    );
}

fn passwords(r: &mut Routes) {
    let change = schemas::register::<password::PasswordChange>(&mut r.contract.schemas);
    let reset = schemas::register::<password::NewPassword>(&mut r.contract.schemas);
    r.add(
        "POST",
        "/api/v1/auth/password",
        password::change_password,
        Operation::new("change_password", "auth", "修改本人密码 · Change one's own password")
            .says("All other sessions of the user end.")
            .body(&change, json!({"current_password": PASSWORD, "new_password": "another horse, another battery"}))
            .silent(204, "Changed", &[])
            .fails(&[Problem::LoginFailed, Problem::InPerson]),
    );
    r.add(
        "POST",
        "/api/v1/users/{id}/password",
        password::reset_password,
        of_user("reset_password", Action::Update, "重置用户密码 · Set a user's password")
            .says("All sessions of the user end.")
            .body(&reset, json!({"password": PASSWORD}))
            .silent(204, "Set", &[]),
    );
    r.add(
        "POST",
        "/api/v1/users/{id}/unlock",
        password::unlock,
        of_user("unlock_user", Action::Update, "解除登录延迟 · Forget a user's failed sign-ins").silent(
            204,
            "Forgotten",
            &[],
        ),
    );
}

fn second_factor(r: &mut Routes) {
    let state = schemas::register::<factor::SecondFactor>(&mut r.contract.schemas);
    let proof = schemas::register::<factor::PasswordProof>(&mut r.contract.schemas);
    let secret = schemas::register::<factor::TotpSecret>(&mut r.contract.schemas);
    let code = schemas::register::<factor::TotpProof>(&mut r.contract.schemas);
    let codes = schemas::register::<factor::RecoveryCodes>(&mut r.contract.schemas);
    let both = schemas::register::<factor::BothProofs>(&mut r.contract.schemas);
    let own = |id: &str, summary: &str| Operation::new(id, "auth", summary).fails(&[Problem::InPerson]);
    let base32 = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    r.add(
        "GET",
        "/api/v1/auth/totp",
        factor::state,
        own("get_totp", "二次验证状态 · The caller's second factor").answers(
            200,
            "How it stands",
            &state,
            json!({"enabled": true, "required": true, "recovery_codes_left": 10}),
        ),
    );
    let link = format!("otpauth://totp/Laogan:admin?secret={base32}&issuer=Laogan");
    r.add(
        "POST",
        "/api/v1/auth/totp",
        factor::enrol,
        own("enrol_totp", "登记二次验证 · Begin with a second factor")
            .says("It counts once it is confirmed.")
            .body(&proof, json!({"password": PASSWORD}))
            .answers(200, "For the authenticator app", &secret, json!({"secret": base32, "link": link}))
            .fails(&[Problem::LoginFailed, Problem::AlreadyExists]),
    );
    r.add(
        "POST",
        "/api/v1/auth/totp/confirm",
        factor::confirm,
        own("confirm_totp", "确认二次验证 · Confirm the second factor")
            .says("From now on signing in needs a code. Called again with another code, it gives fresh recovery codes.")
            .body(&code, json!({"totp": "123456"}))
            .answers(
                200,
                "The recovery codes, in this answer only",
                &codes,
                json!({"recovery_codes": ["k4rt-9xwm-e2hn-c7pz"]}),
            ),
    );
    r.add(
        "POST",
        "/api/v1/auth/totp/disable",
        factor::disable,
        own("disable_totp", "停用二次验证 · Do without the second factor")
            .body(&both, json!({"password": PASSWORD, "totp": "123456"}))
            .silent(204, "Removed", &[])
            .fails(&[Problem::LoginFailed]),
    );
    r.add(
        "DELETE",
        "/api/v1/users/{id}/totp",
        factor::take_away,
        of_user("reset_totp", Action::Update, "清除用户二次验证 · Take away a user's second factor")
            .says("For users who have lost it. All sessions of the user end.")
            .silent(204, "Removed", &[]),
    );
}

fn sessions(r: &mut Routes) {
    schemas::register::<session::SessionView>(&mut r.contract.schemas);
    let page = schemas::register::<session::SessionPage>(&mut r.contract.schemas);
    let one = json!({"items": [{"id": SESSION, "created_at": "2026-09-29T08:20:00.000Z", "used_at": "2026-09-29T08:20:00.000Z", "idle_until": "2026-10-13T08:20:00.000Z",
        "expires_at": "2026-12-28T08:20:00.000Z", "address": "10.17.22.5", "agent": "LaoganApp/1.4 (Android 15)", "current": true}]});
    let own = |id: &str, summary: &str| Operation::new(id, "auth", summary).fails(&[Problem::InPerson]);
    r.add(
        "GET",
        "/api/v1/sessions",
        session::list,
        own("list_sessions", "本人会话 · The caller's sessions").answers(200, "They", &page, one.clone()),
    );
    r.add(
        "DELETE",
        "/api/v1/sessions",
        session::end_others,
        own("end_other_sessions", "退出其他会话 · End the caller's other sessions").silent(204, "Ended", &[]),
    );
    r.add(
        "DELETE",
        "/api/v1/sessions/{id}",
        session::end_own,
        own("end_session", "退出会话 · End one of the caller's sessions").id_in_path().silent(204, "Ended", &[]),
    );
    r.add(
        "GET",
        "/api/v1/users/{id}/sessions",
        session::list_of,
        of_user("list_user_sessions", Action::Read, "用户会话 · A user's sessions").answers(200, "They", &page, one),
    );
    r.add(
        "DELETE",
        "/api/v1/users/{id}/sessions",
        session::end_all_of,
        of_user("end_user_sessions", Action::Update, "终止用户会话 · End a user's sessions").silent(204, "Ended", &[]),
    );
    let id = json!({"type": "string", "format": "uuid", "example": SESSION});
    r.add(
        "DELETE",
        "/api/v1/users/{id}/sessions/{session_id}",
        session::end_of,
        of_user("end_user_session", Action::Update, "终止一个用户会话 · End one of a user's sessions")
            .parameter("path", "session_id", true, "Id of the session", id)
            .silent(204, "Ended", &[]),
    );
}

/// An operation on the user in the path.
fn of_user(id: &str, action: Action, summary: &str) -> Operation {
    Operation::new(id, "administration", summary).permit("users", action).id_in_path()
}
