//! What stands around a body: answers, settings for clients, addresses, headers.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use axum::extract::Query;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use beaconry_ingest::extract::{
    AllowedOrigins, FORWARDED, TrustedProxies, bearer_token, host_of_authority, ingest_token,
};
use beaconry_ingest::keys::{Given, KeyRing, TokenHash};
use beaconry_ingest::login::{Login, Visitor};
use beaconry_ingest::query::{EventsQuery, Params, TelemetryQuery};
use beaconry_protocol::{Answer, RemoteConfig};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An answer, as a client reads it.
pub(crate) fn answer(data: &[u8]) {
    round_trip::<Answer>(data);
}

/// What a server asks of its clients.
pub(crate) fn remote(data: &[u8]) {
    round_trip::<RemoteConfig>(data);
}

/// The parameters of a question.
pub(crate) fn params(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(uri) = format!("/api/events?{text}").parse::<Uri>() else { return };
    let Ok(Query(params)) = Query::<HashMap<String, String>>::try_from_uri(&uri) else { return };
    for known in [&EventsQuery::PARAMETERS[..], &TelemetryQuery::PARAMETERS[..]] {
        if let Err(bad) = Params::new(params.clone()).only(known) {
            assert!(!bad.message().is_empty() && bad.got.len() < 1_000);
        }
    }
    let params = Params::new(params);
    let _ = (EventsQuery::read(&params), TelemetryQuery::read(&params));
}

/// The headers that decide who is let in. Whatever they say, it is no owner and no key.
pub(crate) fn headers(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let names = ["x-telemetry-token", FORWARDED, header::COOKIE.as_str(), header::AUTHORIZATION.as_str()];
    let headers: HeaderMap =
        names.into_iter().filter_map(|name| Some((name.parse().ok()?, value.clone()))).collect();
    let own = || TokenHash::from_bytes([7; 32]);
    let given = Given { token: own(), admin: Some(own()), origins: AllowedOrigins::loopback(), rate: None };
    let ring = KeyRing::new(&given, Vec::new(), None);
    let visitor = Login::new(true, &[7; 32]).who(&headers, &ring, 0);
    assert_ne!(visitor, Visitor::Owner);
    let token = ingest_token(&headers, &Uri::from_static("/?token=x"));
    assert!(token.is_none_or(|token| ring.find(&token, 0).is_none()));
    let _ = bearer_token(&headers);

    let stranger = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
    assert_eq!(TrustedProxies::default().client(stranger, &headers), stranger);
    if let Ok(proxies) = TrustedProxies::listed(["10.0.0.0/8"]) {
        let _ = proxies.client(Ipv4Addr::new(10, 0, 0, 1).into(), &headers);
    }
    if let Ok(text) = value.to_str() {
        let _ = (host_of_authority(text), AllowedOrigins::loopback().contains(text));
        let _ = AllowedOrigins::listed([text]);
    }
}

/// What could be read is written so that it can be read again. It need not be the same: serde_json gives
/// the last digit of a long number away for speed.
fn round_trip<T: DeserializeOwned + Serialize>(data: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(data) else { return };
    let written = serde_json::to_string(&read).unwrap_or_default();
    assert!(serde_json::from_str::<T>(&written).is_ok(), "{written}");
}
