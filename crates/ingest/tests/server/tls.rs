//! https, with a certificate authority of the test's own.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto};

use crate::support::{Batch, Folder, KEY, Server, eventually, run_to_end};

/// Who signs the certificates of a test.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Writes a certificate for `localhost` and its key.
    fn issue(&self, folder: &Folder) -> [PathBuf; 2] {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let files = ["cert.pem", "key.pem"].map(|name| folder.path().with_extension(name));
        fs::write(&files[0], certificate.pem()).unwrap();
        fs::write(&files[1], key.serialize_pem()).unwrap();
        files
    }

    /// Sends a request as whoever trusts this authority does.
    fn get(&self, address: SocketAddr, request: &str) -> std::io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(self.0.der().to_vec())).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(connection, TcpStream::connect(address)?);
        stream.write_all(request.as_bytes())?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(reply)
    }
}

fn arguments(files: &[PathBuf; 2]) -> [&str; 6] {
    let [cert, key] = files.each_ref().map(|file| file.to_str().unwrap());
    ["--token", KEY, "--tls-cert", cert, "--tls-key", key]
}

const ADMIN: &str = "an-admin-key-of-the-tests";
const HEALTH: &str = "GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn https_is_spoken_with_the_certificate_that_was_given_and_again_when_it_was_renewed() {
    let folder = Folder::new("tls");
    let (old, new) = (Authority::new(), Authority::new());
    let files = old.issue(&folder);
    let server = Server::start_with(&folder, &arguments(&files));
    let reply = old.get(server.address, HEALTH).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200") && reply.contains("\"healthy\""), "{reply}");
    assert!(new.get(server.address, HEALTH).is_err());
    // Who speaks no TLS is no trouble to others.
    let mut plain = TcpStream::connect(server.address).unwrap();
    plain.write_all(HEALTH.as_bytes()).unwrap();

    new.issue(&folder);
    let told = Command::new("kill").args(["-HUP", &server.id().to_string()]).status().unwrap();
    assert!(told.success());
    eventually("the new certificate is used", || new.get(server.address, HEALTH).ok());
    // Files that cannot be used change nothing.
    fs::write(&files[0], "no certificate").unwrap();
    assert!(Command::new("kill").args(["-HUP", &server.id().to_string()]).status().unwrap().success());
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(new.get(server.address, HEALTH).is_ok());
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
}

#[test]
fn a_session_by_https_is_kept_to_https() {
    let folder = Folder::new("tls-login");
    let authority = Authority::new();
    let files = authority.issue(&folder);
    let options = [&arguments(&files)[..], &["--admin-token", ADMIN]].concat();
    let server = Server::start_with(&folder, &options);
    let form = format!("token={ADMIN}");
    let login = format!(
        "POST /admin/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let reply = authority.get(server.address, &login).unwrap();
    assert!(reply.contains("SameSite=Strict; Secure"), "{reply}");
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
}

/// Runs `pull`, and gives its exit code and all that it says.
fn pull(scheme: &str, address: SocketAddr, to: &Folder, more: &[&str]) -> (Option<i32>, String) {
    let from = format!("{scheme}://localhost:{}", address.port());
    let arguments = [&["pull", "--from", &from, "--to", to.path().to_str().unwrap()], more].concat();
    let output = run_to_end(&arguments, &[]);
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn records_are_pulled_over_https_with_the_admin_key_and_by_nobody_else() {
    let (folder, to) = (Folder::new("tls-pull"), Folder::new("tls-pull-to"));
    let authority = Authority::new();
    let files = authority.issue(&folder);
    let ca = folder.path().with_extension("ca.pem");
    fs::write(&ca, authority.0.pem()).unwrap();
    let ca = ca.to_str().unwrap();
    let options = [&arguments(&files)[..], &["--admin-token", ADMIN]].concat();
    let server = Server::start_with(&folder, &options);
    let body = Batch::new().logs(1..=20).to_json();
    let batch = format!(
        "POST /api/telemetry/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Telemetry-Token: {KEY}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(authority.get(server.address, &batch).unwrap().contains("\"recorded\":20"));

    for more in [&["--ca", ca][..], &["--ca", ca, "--token", "ba_another-key-altogether"]] {
        let (code, told) = pull("https", server.address, &to, more);
        assert!(code == Some(1) && told.contains("answers 401"), "{told}");
    }
    let (code, told) = pull("https", server.address, &to, &["--ca", ca, "--token", ADMIN]);
    assert!(code == Some(0) && told.starts_with("20 new records"), "{told}");

    let (code, told) = pull("https", server.address, &to, &["--token", ADMIN]);
    assert!(code == Some(1) && told.contains("--ca FILE"), "{told}");
    let (code, told) = pull("http", server.address, &to, &[]);
    assert!(code == Some(1) && told.contains("is its address https://"), "{told}");
    let other = folder.path().with_extension("other.pem");
    fs::write(&other, Authority::new().0.pem()).unwrap();
    let (code, told) = pull("https", server.address, &to, &["--ca", other.to_str().unwrap()]);
    assert!(code == Some(1) && told.contains("none of the authorities in the file of --ca"), "{told}");
    [&files[0], &files[1], Path::new(ca), &other].iter().for_each(|file| fs::remove_file(file).unwrap());
}

#[test]
fn a_certificate_that_pull_cannot_trust_is_told_with_what_helps() {
    let (folder, to) = (Folder::new("tls-pull-self"), Folder::new("tls-pull-self-to"));
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let files = ["cert.pem", "key.pem"].map(|name| folder.path().with_extension(name));
    fs::write(&files[0], params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(&files[1], key.serialize_pem()).unwrap();
    let ca = files[0].to_str().unwrap();
    let server = Server::start_with(&folder, &arguments(&files));
    let (code, told) = pull("https", server.address, &to, &["--ca", ca]);
    assert!(code == Some(1) && told.contains("have that sign one for the server's name"), "{told}");
    drop(server);
    let server = Server::start(&folder);
    let (code, told) = pull("https", server.address, &to, &["--ca", ca]);
    assert!(code == Some(1) && told.contains("is its address http://"), "{told}");
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_in_one_line() {
    let folder = Folder::new("tls-wrong");
    let files = Authority::new().issue(&folder);
    let other = KeyPair::generate().unwrap().serialize_pem();
    let [cert, key] = files.each_ref().map(|file| file.to_str().unwrap());
    let data = folder.path().to_str().unwrap();
    let serve = |cert: &str, key: &str| {
        let arguments =
            ["serve", "--listen", "127.0.0.1:0", "--data", data, "--tls-cert", cert, "--tls-key", key];
        let output = run_to_end(&arguments, &[]);
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        text
    };
    assert!(serve("/no/such.pem", key).contains("/no/such.pem cannot be read"));
    assert!(serve(key, key).contains("--tls-cert"));
    assert!(serve(cert, cert).contains("--tls-key"));
    fs::write(&files[1], other).unwrap();
    assert!(serve(cert, key).contains("cannot be used together"));
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
}
