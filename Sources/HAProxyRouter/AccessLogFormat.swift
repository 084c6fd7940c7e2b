// SPDX-License-Identifier: Apache-2.0

/// The access log: one JSON object a line, its members always in this order.
///
/// `at` is when the answer ended, in milliseconds of Unix time, so that lines are in its order. HAProxy's own `%Ts` is no
/// substitute: on a connection that is kept alive it says when the answer before ended.
enum AccessLogFormat {
    /// As `log-format` wants it; `map` is where slots' releases are.
    static func text(map: String) -> String {
        #"{"at":%[date(0,ms)],"ms":%Ta,"status":%ST,"environment":"%[var(txn.env)]","slot":"%[var(txn.slot)]","#
            + #""release":"%[var(txn.env),concat(/,txn.slot),map(\#(map))]","service":"%[var(txn.service)]","#
            + #""server":"%s","method":"%HM","path":"%[var(txn.path)]","bytes":%B,"client":"%ci","#
            + #""id":"%[var(txn.id)]","end":"%ts"}"#
    }
}
