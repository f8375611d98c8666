def readable(u):
    return u


def canonical(u):
    return u
