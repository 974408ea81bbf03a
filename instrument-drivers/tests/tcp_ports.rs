//! Ports that call: a serial-device server is there, goes away, and comes back.

mod support;

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;

use instrument_drivers::agent::PortConfig;
use support::{Shelf, TestAgent, until};

#[test]
fn a_port_that_calls_calls_again_when_the_device_hung_up() {
    let folder = tempfile::tempdir().unwrap();
    let device = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = device.local_addr().unwrap().to_string();
    let port = PortConfig { tcp_connect: Some(address), ..support::port("BAL-1", "ohaus_balance") };
    let shelf = Arc::new(Shelf::default());
    let agent = TestAgent::start(support::config(folder.path(), vec![port]), shelf.clone());
    for (count, weight) in [(1, "    192.21 g\r\n"), (2, "     12.50 g\r\n")] {
        let (mut line, _) = device.accept().unwrap();
        line.write_all(weight.as_bytes()).unwrap();
        until("the weight is there", || shelf.count() == count);
        assert!(agent.status().ports[0].connected);
        drop(line);
        until("the device has hung up", || !agent.status().ports[0].connected);
        assert_eq!(agent.status().ports[0].error, None, "which is no fault");
    }
    // Switched off: that nobody answers is told, and forgotten when somebody does.
    drop(device);
    until("nobody answers", || agent.status().ports[0].error.is_some());
    agent.stop();
}
