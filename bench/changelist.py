from bench.company import fill
def run(scale):
    fill(int(5_000_000*scale))
    return []
