//! The ends of a network for one test: an authority that issues certificates, a service behind TLS that starts one task, and
//! a proxy.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// The tasks of the service.
pub(super) const TASK: &str = "7QKD2M0Z000000000021";
pub(super) const OTHER_TASK: &str = "7QKD2M0Z000000000022";

/// Issues certificates.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a host, and its key, in PEM. It expired long ago where that is wanted.
    pub(super) fn issue(&self, host: &str, expired: bool) -> (String, String) {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(if expired { 2021 } else { 2090 }, 2, 3);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    /// What a server needs to be this host.
    pub(super) fn server(&self, host: &str) -> Tls {
        Tls::new(self.issue(host, false))
    }

    fn store(&self) -> Arc<RootCertStore> {
        let mut store = RootCertStore::empty();
        store.add(self.0.der().clone()).unwrap();
        Arc::new(store)
    }
}

/// The TLS of a server.
pub(super) struct Tls {
    pem: (String, String),
    versions: &'static [&'static SupportedProtocolVersion],
    clients: Option<Arc<RootCertStore>>,
}

impl Tls {
    pub(super) fn new(pem: (String, String)) -> Self {
        Self { pem, versions: rustls::ALL_VERSIONS, clients: None }
    }

    /// Lets only clients in whose certificates this authority has issued.
    pub(super) fn for_clients_of(self, authority: &Authority) -> Self {
        Self { clients: Some(authority.store()), ..self }
    }

    pub(super) fn only(self, versions: &'static [&'static SupportedProtocolVersion]) -> Self {
        Self { versions, ..self }
    }

    pub(super) fn door(&self) -> Door {
        use rustls::pki_types::pem::PemObject;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_protocol_versions(self.versions).unwrap();
        let builder = match &self.clients {
            Some(store) => builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::clone(store), provider).build().unwrap(),
            ),
            None => builder.with_no_client_auth(),
        };
        let chain = vec![CertificateDer::from_pem_slice(self.pem.0.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(self.pem.1.as_bytes()).unwrap();
        Door::Tls(Arc::new(builder.with_single_cert(chain, key).unwrap()))
    }
}

/// What a connection meets.
#[derive(Clone)]
pub(super) enum Door {
    Tls(Arc<ServerConfig>),
    /// A server that never says a word.
    Silent,
    /// Plain HTTP, ended without notice behind the answer to a login.
    Stale,
    /// Plain HTTP, where this is all that is said to a start.
    Says(Vec<u8>),
}

/// A listener that hands each connection to a thread.
pub(super) struct Service {
    pub(super) address: SocketAddr,
    starts: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

impl Service {
    /// Opens a door to each connection, by how many came before it and how many starts were answered. `base` is where logins are sent on to: the scheme and
    /// the host, without the port.
    pub(super) fn new(base: &str, door: impl Fn(usize, usize) -> Door + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let service = Self { address, starts: Arc::default(), connections: Arc::default() };
        let (starts, connections) = (Arc::clone(&service.starts), Arc::clone(&service.connections));
        let base = format!("{base}:{}", address.port());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let door = door(connections.fetch_add(1, Ordering::SeqCst), starts.load(Ordering::SeqCst));
                let (base, starts) = (base.clone(), Arc::clone(&starts));
                std::thread::spawn(move || meet(stream, &door, &base, &starts));
            }
        });
        service
    }

    pub(super) fn starts(&self) -> usize {
        self.starts.load(Ordering::SeqCst)
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn meet(mut stream: TcpStream, door: &Door, base: &str, starts: &AtomicUsize) {
    match door {
        Door::Tls(config) => {
            let session = rustls::ServerConnection::new(Arc::clone(config)).unwrap();
            serve(&mut rustls::StreamOwned::new(session, stream), door, base, starts);
        }
        Door::Silent => drop(stream.read_to_end(&mut Vec::new())),
        Door::Stale | Door::Says(_) => serve(&mut stream, door, base, starts),
    }
}

/// Answers requests until the other side has enough, or the door shuts.
fn serve(stream: &mut (impl Read + Write), door: &Door, base: &str, starts: &AtomicUsize) {
    while let Some(line) = request(stream) {
        let is_start = line.starts_with("POST ") && line.contains("/api/v2/job ");
        let body = if line.contains("/user/login ") {
            format!(r#"{{"serverUrl": "{base}/saas", "icSessionId": "s", "name": "ada"}}"#)
        } else if is_start {
            let run = starts.fetch_add(1, Ordering::SeqCst) + 1;
            format!(r#"{{"@type": "job", "taskId": "{TASK}", "taskType": "MTT", "runId": {run}}}"#)
        } else if line.contains("/api/v2/task?") {
            let row = |id| format!(r#"{{"@type": "task", "id": "{id}", "name": "{id}"}}"#);
            format!("[{}, {}]", row(TASK), row(OTHER_TASK))
        } else {
            "[]".to_owned()
        };
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let (sent, shuts) = match door {
            Door::Says(bytes) if is_start => (bytes.as_slice(), true),
            _ => (answer.as_bytes(), matches!(door, Door::Stale | Door::Tls(_))),
        };
        if stream.write_all(sent).and_then(|()| stream.flush()).is_err() || shuts {
            return;
        }
    }
}

/// The first line of the next request. None at the end, and where TLS was not agreed on.
fn request(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => return None,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    stream.read_exact(&mut vec![0; length.unwrap_or(0)]).ok()?;
    head.lines().next().map(str::to_owned)
}

/// A proxy that lets in whoever has the password, and leads every host to one address.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

/// `ada:open sesame`, as a header has it.
const AUTHORIZATION: &str = "Proxy-Authorization: Basic YWRhOm9wZW4gc2VzYW1l";

impl Proxy {
    pub(super) fn to(service: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self { address: listener.local_addr().unwrap(), heads: Arc::default() };
        let heads = Arc::clone(&proxy.heads);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, heads) = (stream.unwrap(), Arc::clone(&heads));
                std::thread::spawn(move || tunnel(stream, service, &heads));
            }
        });
        proxy
    }

    /// The first lines of what it was asked.
    pub(super) fn asked(&self) -> Vec<String> {
        let heads = self.heads.lock().unwrap();
        heads.iter().map(|head| head.lines().next().unwrap_or_default().to_owned()).collect()
    }
}

fn tunnel(stream: TcpStream, service: SocketAddr, heads: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let is_let_in = head.lines().any(|line| line.eq_ignore_ascii_case(AUTHORIZATION));
    heads.lock().unwrap().push(head);
    let mut client = stream;
    if !is_let_in {
        let _ = client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    let mut server = TcpStream::connect(service).unwrap();
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
    let (mut back, mut forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut back, &mut forth);
        let _ = forth.shutdown(std::net::Shutdown::Write);
    });
    let _ = std::io::copy(&mut reader, &mut server);
    let _ = server.shutdown(std::net::Shutdown::Write);
}
