"""Definition files for ledgers to keep."""

METRICS = """\
metrics:
  revenue: {source: shop.orders, time: ordered_on, aggregate: sum, value: amount, unit: usd}
  late: {source: shop.orders, time: ordered_on, aggregate: ratio, numerator: is_late, denominator: true, better: lower}
"""
Q1 = """\
cycle: 2027-Q1
objectives:
  - id: grow
    title: Grow
    key_results:
      - {id: revenue, title: Revenue, metric: revenue, shape: total, target: ">= 1000"}
      - {id: on-time, title: On time, metric: late, shape: keep, target: "< 8 %"}
  - id: calm
    title: Stay calm
    parent: grow
    key_results:
      - {id: late-orders, title: Few late orders, metric: late, target: "< 5 %"}
"""
TO_DO = """\
cycle: 2027-Q3
objectives:
  - id: move
    title: Move to the new warehouse
    key_results:
      - id: rollout
        title: New warehouse runs
        shape: milestone
        milestones: [{id: pilot, title: Pilot runs}, {id: launch, title: All orders, weight: 2}]
      - {id: signed, title: Lease is signed, shape: binary}
"""
Q2 = """\
cycle: 2027-Q2
objectives:
  - id: grow
    title: Grow more
    parent: 2027-Q1/grow
    key_results:
      - {id: revenue, title: Revenue, metric: revenue, shape: total, target: ">= 2000"}
"""
OWN = """\
cycle: 2027
goals:
  - {id: own, title: Hardly a late order, owner: minh, metric: late, shape: keep, target: "< 6 %",
     starts: 2027-01-02, ends: 2027-03-15}
  - {id: idea, title: Sell on the market, owner: linh, metric: revenue, shape: total, target: ">= 10",
     starts: 2027-01-02, ends: 2027-03-15, draft: true}
"""
