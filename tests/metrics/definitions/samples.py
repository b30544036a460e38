"""Definition files that hold, for tests to break."""

METRICS = """\
metrics:
  first_response:
    title: {en: First response time, vi: Thời gian phản hồi}
    source: helpdesk.tickets
    time: opened_at
    aggregate: median
    value: first_response_s / 3600.0
    where: channel <> 'spam'
    dimensions: [team, region]
    unit: hours
    better: lower
    bounds: [0, null]
    expected_every: 1d
  complaint_rate:
    source: billing.transactions
    time: created_at
    aggregate: ratio
    numerator: is_complaint
    denominator: true
    unit: percent
    better: lower
    bounds: [0, 1]
  orders: {source: billing.transactions, time: created_at, aggregate: count, unit: orders}
"""
OKRS = """\
cycle: 2027-Q1
objectives:
  - id: service-quality
    title: {vi: Nâng cao chất lượng dịch vụ khách hàng, en: Raise customer-service quality}
    why: Customers leave when they wait.
    kind: committed
    level: company
    team: customer-service
    owner: linh
    key_results:
      - id: response-time
        title: First response under two hours
        metric: first_response
        filter: {team: [north, south]}
        read: trailing 28d
        baseline: 4
        target: "< 2"
        stretch: "< 1.5"
        commit: "< 3"
        weight: 2
        owner: linh
        contributors: [minh]
        plan: [{by: 2027-01-31, value: 3}, {by: 2027-02-28, value: 2.5}]
      - {id: complaints, title: Few complaints, metric: complaint_rate, shape: keep, target: "< 5 %"}
  - id: growth
    title: Grow
    parent: service-quality
    kind: aspirational
    key_results:
      - {id: orders, title: Orders, metric: orders, shape: total, target: ">= 5000"}
"""
