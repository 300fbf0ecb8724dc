//! Tables that are not resources. Those of resources come from `resource_store!`.

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::*;
    journal (id) {
        id -> BigInt,
        seq -> Nullable<BigInt>,
        entity -> Text,
        entity_id -> Uid,
        op -> CodeText,
        version -> BigInt,
        changed_fields -> Doc,
        division_before -> Nullable<Division>,
        division_after -> Nullable<Division>,
        actor -> Text,
        client -> Text,
        op_id -> Nullable<Uid>,
        request_id -> Nullable<Text>,
        at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::*;
    history (entity, entity_id, version) {
        entity -> Text,
        entity_id -> Uid,
        version -> BigInt,
        division_code -> Division,
        data -> Doc,
        at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::*;
    idempotency_keys (client, method, path, key) {
        client -> Text,
        method -> Text,
        path -> Text,
        key -> Text,
        fingerprint -> Text,
        status -> Integer,
        entity_id -> Nullable<Uid>,
        version -> Nullable<BigInt>,
        answer -> Nullable<Doc>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::*;
    credentials (user_id) {
        user_id -> Uid,
        password_hash -> Text,
        changed_at -> Instant,
    }
}

diesel::table! {
    auth_state (id) {
        id -> Integer,
        epoch -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::*;
    api_tokens (id) {
        id -> Uid,
        name -> Text,
        purpose -> Text,
        user_id -> Uid,
        hash -> Text,
        scopes -> Doc,
        division_code -> Division,
        created_at -> Instant,
        expires_at -> Instant,
        revoked_at -> Nullable<Instant>,
        last_used_at -> Nullable<Instant>,
    }
}
